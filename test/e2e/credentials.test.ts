import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { leaks } from "../support/leaks.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { type RunningRegistry, startRegistry } from "../support/start-registry.ts";
import { tempDirectory, type TempDirectory } from "../support/temp-directory.ts";
import { tokenRegistry } from "../support/token-registry.ts";
import { processWatch } from "../support/process-watch.ts";

const password = `s3cret-${crypto.randomUUID()}`;
const stack = new AsyncDisposableStack();
let htpasswd: string;

beforeAll(async () => {
  const directory = stack.use(await tempDirectory());
  htpasswd = join(directory.path, "users");
  const add = ["registry", "user", "add", "me", "--password-stdin", `--htpasswd=${htpasswd}`];
  expect((await runHive(add, { stdin: password })).exitCode).toBe(0);
});

afterAll(async () => await stack.disposeAsync());

/** A registry of its own for each test: after some wrong passwords it takes its time to answer. */
async function startUsers(): Promise<RunningRegistry> {
  await using owned = new AsyncDisposableStack();
  const storage = owned.use(await tempDirectory());
  const flags = [`--storage=${storage.path}`, `--htpasswd=${htpasswd}`];
  const registry = owned.use(await startRegistry(flags));
  const all = owned.move();
  return { ...registry, [Symbol.asyncDispose]: async () => await all.disposeAsync() };
}

/** What a mode needs: files, by path below HOME, environment and flags. */
type Setup = {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
};

type Mode = {
  readonly name: string;
  /** Whether the secret stands on hive's own command line, as the user has it. */
  readonly direct?: boolean;
  readonly set: (secret: string, address: string) => Setup;
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const auths = (secret: string, address: string): string =>
  JSON.stringify({ auths: { [address]: { auth: base64(`me:${secret}`) } } });
const variables = (secret: string): Record<string, string> => ({
  HIVE_REGISTRY_USER: "me",
  HIVE_REGISTRY_PASSWORD: secret,
});
const lines = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");

const passwordModes: readonly Mode[] = [
  {
    name: "config.json",
    set: (secret, address) => ({ files: { ".docker/config.json": auths(secret, address) } }),
  },
  {
    name: "a helper",
    set: (secret) => ({
      files: {
        ".docker/config.json": `{"credsStore":"test"}`,
        "bin/docker-credential-test": `#!/bin/sh\necho '${JSON.stringify({ Username: "me", Secret: secret })}'\n`,
      },
    }),
  },
  {
    name: "podman's auth.json",
    set: (secret, address) => ({
      files: { ".config/containers/auth.json": auths(secret, address) },
    }),
  },
  {
    name: "--authfile",
    set: (secret, address) => ({
      files: { file: auths(secret, address) },
      flags: ["--authfile=file"],
    }),
  },
  {
    name: "--credsfile",
    set: (secret) => ({
      files: { file: lines(variables(secret)) },
      flags: ["--credsfile=file"],
    }),
  },
  { name: "--auth=env", set: (secret) => ({ env: variables(secret), flags: ["--auth=env"] }) },
  {
    name: "the environment, which names the registry",
    set: (secret, address) => ({ env: { ...variables(secret), HIVE_REGISTRY: address } }),
  },
  {
    name: "HIVE_REGISTRY_CREDS",
    set: (secret) => ({ env: { HIVE_REGISTRY_CREDS: `me:${secret}` } }),
  },
  { name: "--creds", direct: true, set: (secret) => ({ flags: [`--creds=me:${secret}`] }) },
];

const tokenModes: readonly Mode[] = [
  { name: "--token", direct: true, set: (secret) => ({ flags: [`--token=${secret}`] }) },
  {
    name: "HIVE_REGISTRY_TOKEN",
    set: (secret) => ({ env: { HIVE_REGISTRY_TOKEN: secret }, flags: ["--auth=env"] }),
  },
  {
    name: "a token in --credsfile",
    set: (secret) => ({
      files: { file: lines({ ...variables("other"), HIVE_REGISTRY_TOKEN: secret }) },
      flags: ["--credsfile=file"],
    }),
  },
  {
    name: "a token in config.json",
    set: (secret, address) => ({
      files: {
        ".docker/config.json": JSON.stringify({ auths: { [address]: { registrytoken: secret } } }),
      },
    }),
  },
];

/** Runs hive with nothing of this machine's own. */
async function runAt(
  home: TempDirectory,
  args: readonly string[],
  { files = {}, env = {}, stdin }: Setup & { readonly stdin?: string } = {},
): Promise<HiveResult> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(home.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    await chmod(path, name.startsWith("bin/") ? 0o700 : 0o600);
  }
  return await runHive(args, {
    cwd: home.path,
    ...(stdin === undefined ? {} : { stdin }),
    env: {
      HOME: home.path,
      PATH: `${join(home.path, "bin")}:${process.env["PATH"]}`,
      ...Object.fromEntries(
        ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"].map(
          (name) => [name, undefined],
        ),
      ),
      ...env,
    },
  });
}

/** Asks a registry with a credential, and sees to it that it was shown, and is seen nowhere. */
async function ask(mode: Mode, backend: string, secret: string): Promise<HiveResult> {
  await using home = await tempDirectory();
  using registry = processWatch(backend, secret);
  const setup = mode.set(secret, registry.address);
  const args = ["registry", "catalog", `--registry=${registry.address}`, ...(setup.flags ?? [])];
  const result = await runAt(home, args, setup);
  const allowed = Object.keys(setup.files ?? {});
  expect(await leaks(secret, [result], { directory: home.path, allowed })).toEqual([]);
  expect(registry.shown.length).toBeGreaterThan(0);
  if (mode.direct === true) {
    expect(result.stderr).toContain("warning: The shell's history");
    expect(registry.listed).not.toEqual([]);
  } else expect(registry.listed).toEqual([]);
  return result;
}

describe("credentials of hive registry", () => {
  test.each(passwordModes)("by password: $name", async (mode) => {
    await using users = await startUsers();
    const right = await ask(mode, users.address, password);
    expect(right.exitCode).toBe(0);
    const wrong = await ask(mode, users.address, `wrong-${crypto.randomUUID()}`);
    expect([wrong.exitCode, wrong.stdout]).toEqual([5, ""]);
  });

  test.each(passwordModes)("by password, at a token service: $name", async (mode) => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    const credential = { username: "me", secret: password };
    await using registry = await tokenRegistry({ layout, credential });
    expect((await ask(mode, registry.address, password)).exitCode).toBe(0);
    expect(registry.asked).toContainEqual({ agent: "hive", scope: expect.anything(), known: true });
    expect((await ask(mode, registry.address, `wrong-${crypto.randomUUID()}`)).exitCode).toBe(5);
  });

  test.each(tokenModes)("by token: $name", async (mode) => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    const credential = { username: "me", secret: password };
    const token = async (address: string): Promise<string> => {
      const headers = { authorization: `Basic ${base64(`me:${password}`)}` };
      const answer = await fetch(`http://${address}/token`, { headers });
      return ((await answer.json()) as { token: string }).token;
    };
    await using before = await tokenRegistry({ layout, credential });
    const expired = await token(before.address);
    await using registry = await tokenRegistry({ layout, credential });
    expect((await ask(mode, registry.address, await token(registry.address))).exitCode).toBe(0);
    expect((await ask(mode, registry.address, expired)).exitCode).toBe(5);
  });

  test("--auth=none shows nothing, whatever is stored", async () => {
    await using users = await startUsers();
    await using home = await tempDirectory();
    using registry = processWatch(users.address, password);
    const files = { ".docker/config.json": auths(password, registry.address) };
    const args = ["registry", "catalog", `--registry=${registry.address}`, "--auth=none"];
    expect((await runAt(home, args, { files })).exitCode).toBe(5);
    expect(new Set(registry.shown)).toEqual(new Set([null]));
  });

  test.each([
    { name: "fails", script: `echo SECRET; echo SECRET >&2; exit 3` },
    { name: "prints garbage", script: `echo SECRET` },
    { name: "prints without end", script: `yes SECRET` },
  ])("a helper that $name: nothing of it is shown", async ({ script }) => {
    await using home = await tempDirectory();
    const secret = crypto.randomUUID();
    // Nobody is asked there.
    const result = await runAt(home, ["registry", "catalog", "--registry=127.0.0.1:9"], {
      files: {
        ".docker/config.json": `{"credsStore":"test"}`,
        "bin/docker-credential-test": `#!/bin/sh\n${script.replaceAll("SECRET", secret)}\n`,
      },
    });
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toContain("docker-credential-test");
    const allowed = ["bin/docker-credential-test"];
    expect(await leaks(secret, [result], { directory: home.path, allowed })).toEqual([]);
  });

  test("two sources at a time are a usage error that names both", async () => {
    await using users = await startUsers();
    await using home = await tempDirectory();
    const args = ["registry", "catalog", `--registry=${users.address}`];
    const result = await runAt(home, [...args, "--auth=none", `--creds=me:${password}`]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("--auth and --creds");
    const env = { HIVE_REGISTRY_CREDS: `me:${password}`, HIVE_REGISTRY_AUTHFILE: "file" };
    const set = await runAt(home, args, { env });
    expect(set.exitCode).toBe(2);
    const beaten = await runAt(home, [...args, "--auth=none"], { env });
    expect(beaten.exitCode).toBe(5);
    const results = [result, set, beaten];
    expect(await leaks(password, results, { directory: home.path })).toEqual([]);
  });

  test("what the environment has goes to no registry that only a reference names", async () => {
    await using users = await startUsers();
    await using home = await tempDirectory();
    using registry = processWatch(users.address, password);
    const env = { ...variables(password), HIVE_REGISTRY_TOKEN: "token" };
    const inspect = ["registry", "inspect", `${registry.address}/app:1`];
    const result = await runAt(home, inspect, { env });
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toContain("--auth=env");
    expect(new Set(registry.shown)).toEqual(new Set([null]));
  });
});
