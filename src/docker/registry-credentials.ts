import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { searchPath } from "../base/search-path.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";

/** What to show to a registry. The user name is empty when the secret is an identity token. */
export type RegistryCredentials = { readonly username: string; readonly secret: string };

/** config.json, as far as it is about credentials. */
type DockerConfig = {
  readonly auths?: Readonly<Record<string, Auth | undefined>>;
  readonly credHelpers?: Readonly<Record<string, string | undefined>>;
  readonly credsStore?: string;
};

type Auth = {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
};

// A helper asks a keychain, and a keychain may ask a person.
const usualHelperTimeout = 60_000;

type Options = {
  readonly env: Environment;
  /** Milliseconds for a helper to answer in. */
  readonly helperTimeout: number;
};

/**
 * Looks up what `docker login` stored: `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, credential helpers included.
 * Each host is looked up once, one after the other, because keychains do not like to be asked all at once.
 * The function it returns gives undefined for a host without credentials, and throws HiveError "unauthorized" when
 * the file or a helper is broken; no error holds a secret.
 * {@link https://docs.docker.com/reference/cli/docker/login/#credential-stores}
 */
export function createRegistryCredentials(
  env: Environment,
  { helperTimeout = usualHelperTimeout }: { readonly helperTimeout?: number } = {},
): (host: string) => Promise<RegistryCredentials | undefined> {
  const known = new Map<string, Promise<RegistryCredentials | undefined>>();
  let last: Promise<unknown> = Promise.resolve();
  let config: Promise<DockerConfig> | undefined;

  async function lookUp(
    host: string,
    before: Promise<unknown>,
  ): Promise<RegistryCredentials | undefined> {
    await before.catch(() => undefined);
    config ??= readConfig(env);
    return await findCredentials(await config, host, { env, helperTimeout });
  }

  return (host) => {
    const before = known.get(host);
    if (before !== undefined) return before;
    const found = lookUp(host, last);
    known.set(host, found);
    last = found;
    return found;
  };
}

/**
 * The programs that config.json names for credentials, each once: `docker-credential-pass`.
 * @throws HiveError "unauthorized" when the file can't be read
 */
export async function credentialHelpers(env: Environment): Promise<string[]> {
  const { credsStore, credHelpers = {} } = await readConfig(env);
  const named = [credsStore, ...Object.values(credHelpers)];
  return [...new Set(named)].flatMap((helper) => (helper ? `docker-credential-${helper}` : []));
}

async function readConfig(env: Environment): Promise<DockerConfig> {
  const home = env["HOME"] ?? "";
  const directory = env["DOCKER_CONFIG"] || (home === "" ? "" : join(home, ".docker"));
  if (directory === "") return {};
  const path = join(directory, "config.json");
  try {
    const config: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof config === "object" && config !== null) return config;
    throw new SyntaxError("no JSON object");
  } catch (error) {
    if (isMissingFile(error)) return {};
    const reason = systemErrorCode(error) ?? "it is no JSON";
    // Not the parser's message: it quotes the file.
    throw new HiveError("unauthorized", `Cannot read "${path}": ${reason}`, {
      hint: "Mend it, or log in again with docker login.",
    });
  }
}

async function findCredentials(
  config: DockerConfig,
  host: string,
  options: Options,
): Promise<RegistryCredentials | undefined> {
  const names = namesOf(host);
  const helper = names.map((name) => config.credHelpers?.[name]).find(Boolean) ?? config.credsStore;
  if (helper !== undefined && helper !== "") {
    for (const name of names) {
      const found = await askHelper(helper, name, options);
      if (found !== undefined) return found;
    }
  }
  return names.map((name) => fromAuth(config.auths?.[name])).find((found) => found !== undefined);
}

/** The names under which a host may stand; Docker Hub has one of its own. */
function namesOf(host: string): string[] {
  if (host === "registry-1.docker.io" || host === "docker.io") {
    return ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"];
  }
  return [host, `https://${host}`, `https://${host}/v1/`, `https://${host}/v2/`];
}

function fromAuth(auth: Auth | undefined): RegistryCredentials | undefined {
  if (auth === undefined) return undefined;
  if (auth.identitytoken) return { username: "", secret: auth.identitytoken };
  if (auth.username && auth.password) return { username: auth.username, secret: auth.password };
  const text = Buffer.from(auth.auth ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) return undefined;
  return { username: text.slice(0, colon), secret: text.slice(colon + 1).replace(/\0+$/, "") };
}

/**
 * Runs `docker-credential-<helper> get` with the host on standard input.
 * {@link https://github.com/docker/docker-credential-helpers#development}
 */
async function askHelper(
  helper: string,
  host: string,
  { env, helperTimeout }: Options,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`;
  const path = /^[\w.-]+$/.test(helper) ? Bun.which(program, { PATH: searchPath(env) }) : null;
  if (path === null) throw helperFailed(program, host, "it is not on PATH");
  const child = Bun.spawn([path, "get"], {
    env: { ...env },
    stdin: new TextEncoder().encode(host),
    stdout: "pipe",
    stderr: "ignore",
  });
  // Not the end of the child alone: what it started may hold its standard output open for longer.
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    late.reject(helperFailed(program, host, `no answer within ${helperTimeout / 1000} s`));
  }, helperTimeout);
  const answer = Promise.all([child.stdout.text(), child.exited]);
  const [output, code] = await Promise.race([answer, late.promise]).finally(() =>
    clearTimeout(timer),
  );
  if (code !== 0) {
    if (/credentials not found/i.test(output)) return undefined;
    throw helperFailed(program, host, `it ended with ${code}`);
  }
  try {
    const { Username: username, Secret: secret } = JSON.parse(output) as Record<string, string>;
    if (!secret) return undefined;
    return { username: username === undefined || username === "<token>" ? "" : username, secret };
  } catch {
    throw helperFailed(program, host, "its answer is no JSON");
  }
}

function helperFailed(program: string, host: string, reason: string): HiveError {
  return new HiveError(
    "unauthorized",
    `Cannot get credentials for "${host}" from ${program}: ${reason}`,
    { hint: "Install the helper, or remove it from Docker's config.json." },
  );
}
