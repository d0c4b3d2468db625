import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { issueCertificates } from "./issue-certificates.ts";
import { requireEnv } from "./require-env.ts";
import { startRegistry } from "./start-registry.ts";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

/** The registries that tests of clients are about: hive's own and two that others wrote. */
export const peerKinds = ["hive", "distribution", "zot"] as const;

export type PeerKind = (typeof peerKinds)[number];

export type PeerRegistry = AsyncDisposable & {
  readonly kind: PeerKind;
  /** `127.0.0.1:41234`, as it stands before the name in a reference. */
  readonly address: string;
  /** `https://127.0.0.1:41234`. */
  readonly url: string;
  readonly pid: number;
  /** The authority of its certificate, a PEM file; undefined without TLS. */
  readonly authority: string | undefined;
  /** What it wrote so far. */
  log(): Promise<string>;
};

export type PeerOptions = {
  /** Default: true. Without it the registry speaks plain HTTP. */
  readonly tls?: boolean;
  /** Passwords by name; all may do everything. None: everybody may. Default: `peerUser`. */
  readonly users?: Readonly<Record<string, string>>;
  /** More flags of `hive registry start`, for hive's own. */
  readonly hiveFlags?: readonly string[];
  /** Whether distribution deletes what it is told to. Default: true. */
  readonly deletes?: boolean;
};

/** The user that a registry has when a test does not care. */
export const peerUser = { name: "ann", password: "correct horse" } as const;

/** What a registry is made with. */
type Parts = {
  /** For its files. */
  readonly directory: string;
  readonly store: string;
  readonly log: string;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
  readonly htpasswd: string | undefined;
  readonly hiveFlags: readonly string[];
  readonly deletes: boolean;
};

const startLimit = 60_000;
// Between the choice of a port and its use somebody else may take it.
const startTries = 5;

/**
 * Starts a registry of the test's own on a free port of loopback: with TLS, users, deletion, and an empty store. It ends
 * with the test process.
 * @throws Error with its log when it is not ready in time; Error when the variable that names its program is not set.
 */
export async function startPeerRegistry(
  kind: PeerKind,
  options: PeerOptions = {},
): Promise<PeerRegistry> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory()).path;
  const users = options.users ?? { [peerUser.name]: peerUser.password };
  const parts = {
    directory,
    store: join(directory, "store"),
    log: join(directory, "log"),
    tls: (options.tls ?? true) ? await certificates(join(directory, "certificates")) : undefined,
    htpasswd: await usersFile(join(directory, "htpasswd"), users, kind === "hive" ? ":admin" : ""),
    hiveFlags: options.hiveFlags ?? [],
    deletes: options.deletes ?? true,
  };
  const started = stack.use(
    await (kind === "hive" ? startHiveRegistry : startForeign(kind))(parts),
  );
  const owned = stack.move();
  return {
    kind,
    address: started.address,
    url: `${parts.tls === undefined ? "http" : "https"}://${started.address}`,
    pid: started.pid,
    authority: parts.tls?.ca,
    log: started.log,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Started = AsyncDisposable & Pick<PeerRegistry, "address" | "pid" | "log">;

async function startHiveRegistry({ store, tls, htpasswd, hiveFlags }: Parts): Promise<Started> {
  const registry = await startRegistry(
    [
      `--storage=${store}`,
      "--sync=never",
      ...hiveFlags,
      ...(tls === undefined ? [] : [`--tls-cert=${tls.cert}`, `--tls-key=${tls.key}`]),
      ...(htpasswd === undefined ? [] : [`--htpasswd=${htpasswd}`]),
    ],
    { program: [...diesWithTest, requireEnv("HIVE_BINARY")] },
  );
  const { address, hive } = registry;
  return {
    address,
    pid: hive.pid,
    log: async () => await Promise.resolve(hive.stdout() + hive.stderr()),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

const diesWithTest = ["setpriv", "--pdeathsig", "KILL"];

/** A program that is told its port. */
function startForeign(kind: "distribution" | "zot"): (parts: Parts) => Promise<Started> {
  const binary = requireEnv(kind === "zot" ? "HIVE_TEST_ZOT" : "HIVE_TEST_DISTRIBUTION");
  const writeConfig = kind === "zot" ? writeZotConfig : writeDistributionConfig;
  return async (parts) => {
    await mkdir(parts.store, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const port = freePort();
      const config = await writeConfig(parts, port);
      const started = await tryStart([binary, "serve", config], port, parts);
      if (started !== undefined) return started;
      if (attempt < startTries) continue;
      throw new Error(`Cannot start ${kind}. Its log:\n${await Bun.file(parts.log).text()}`);
    }
  };
}

/** Undefined when the program ended at once. */
async function tryStart(
  command: readonly string[],
  port: number,
  { directory, log, tls }: Parts,
): Promise<Started | undefined> {
  const file = Bun.file(log);
  const child = Bun.spawn([...diesWithTest, ...command], {
    cwd: directory,
    env: {
      // Distribution takes settings from variables of this name, as it would podman's REGISTRY_AUTH_FILE.
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith("REGISTRY_")),
      ),
      // Else it looks for a collector of traces at every request.
      OTEL_TRACES_EXPORTER: "none",
    },
    stdin: "ignore",
    stdout: file,
    stderr: file,
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    // It keeps nothing.
    child.kill("SIGKILL");
    await child.exited;
  });
  const address = `127.0.0.1:${port}`;
  const ca = tls === undefined ? undefined : await Bun.file(tls.ca).text();
  const url = `${tls === undefined ? "http" : "https"}://${address}/v2/`;
  const ready = await waitUntil(`${command[0] ?? ""} answers`, startLimit, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    const trust = ca === undefined ? {} : { tls: { ca } };
    const response = await fetch(url, trust).catch(() => undefined);
    await response?.body?.cancel();
    return response?.status === 200 || response?.status === 401 ? true : undefined;
  });
  if (!ready) return undefined;
  const owned = stack.move();
  return {
    address,
    pid: child.pid,
    log: async () => await file.text(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** {@link https://distribution.github.io/distribution/about/configuration/} */
async function writeDistributionConfig(parts: Parts, port: number): Promise<string> {
  const { tls, htpasswd } = parts;
  const path = join(parts.directory, "distribution.json");
  // JSON is YAML.
  const config = {
    version: 0.1,
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: parts.store }, delete: { enabled: parts.deletes } },
    http: {
      addr: `127.0.0.1:${port}`,
      ...(tls === undefined ? {} : { tls: { certificate: tls.cert, key: tls.key } }),
    },
    ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "test", path: htpasswd } } }),
  };
  await Bun.write(path, JSON.stringify(config));
  return path;
}

/** {@link https://zotregistry.dev/latest/admin-guide/admin-configuration/} */
async function writeZotConfig(parts: Parts, port: number): Promise<string> {
  const { tls, htpasswd } = parts;
  const path = join(parts.directory, "zot.json");
  const config = {
    distSpecVersion: "1.0.1",
    storage: { rootDirectory: parts.store, gc: false },
    http: {
      address: "127.0.0.1",
      port: `${port}`,
      ...(tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key } }),
      ...(htpasswd === undefined ? {} : { realm: "test", auth: { htpasswd: { path: htpasswd } } }),
    },
    log: { level: "info" },
  };
  await Bun.write(path, JSON.stringify(config));
  return path;
}

async function certificates(directory: string): Promise<NonNullable<Parts["tls"]>> {
  await mkdir(directory);
  await issueCertificates(directory, {
    server: { usage: "serverAuth", names: "IP:127.0.0.1,DNS:localhost" },
  });
  const at = (name: string): string => join(directory, name);
  return { cert: at("server.pem"), key: at("server.key"), ca: at("ca.pem") };
}

async function usersFile(
  path: string,
  users: Readonly<Record<string, string>>,
  grants: string,
): Promise<string | undefined> {
  const lines = await Promise.all(
    Object.entries(users).map(
      // The least that bcrypt takes: it is checked at each request.
      async ([name, password]) =>
        `${name}:${await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 })}${grants}\n`,
    ),
  );
  if (lines.length === 0) return undefined;
  await Bun.write(path, lines.join(""), { mode: 0o600 });
  return path;
}
