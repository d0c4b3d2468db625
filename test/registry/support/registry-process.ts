import { join } from "node:path";
import { startRegistry } from "../../support/start-registry.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

/** A registry that runs in a process of its own, with a store of its own. Disposing ends both. */
export type RegistryProcess = AsyncDisposable & {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `127.0.0.1:<port>`, as it stands before the name in a reference. */
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** The directory that holds the store's. */
  readonly directory: string;
  /** The store's directory, of all kinds but `ephemeral`. */
  readonly storage: string;
  /** What it wrote to stderr: faults of its own. */
  errors(): string;
};

/** `disk` syncs what it stores, `unsynced` does not, `ephemeral` keeps nothing beyond its end. */
export type RegistryKind = "disk" | "unsynced" | "ephemeral";

const flags = {
  disk: ["--sync", "always"],
  unsynced: ["--sync", "never"],
  ephemeral: ["--ephemeral"],
} satisfies Record<RegistryKind, readonly string[]>;

/**
 * `hive registry start` on a free port: the compiled binary where HIVE_BINARY names it, else the source. It takes
 * images that lack layers, for the tests' own are no more than they need to be.
 * @throws Error with what it wrote when it does not start.
 */
export async function startRegistryProcess(
  kind: RegistryKind,
  more: readonly string[] = [],
): Promise<RegistryProcess> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory()).path;
  const storage = join(directory, "store");
  const source = [process.execPath, join(import.meta.dirname, "../../../src/main.ts")];
  const where = kind === "ephemeral" ? [] : [`--storage=${storage}`];
  const { hive, url, address } = stack.use(
    await startRegistry([...where, ...flags[kind], ...more], {
      env: { TMPDIR: directory, HIVE_REGISTRY_INCOMPLETE_IMAGES: "accept" },
      ...((process.env["HIVE_BINARY"] ?? "") === "" ? { program: source } : {}),
    }),
  );
  const owned = stack.move();
  return {
    url,
    address,
    port: Number(new URL(url).port),
    pid: hive.pid,
    directory,
    storage,
    errors: () => hive.stderr(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
