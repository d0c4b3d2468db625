import { join } from "node:path";
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
  const binary = process.env["HIVE_BINARY"] ?? "";
  const hive =
    binary === ""
      ? [process.execPath, join(import.meta.dirname, "../../../src/main.ts")]
      : [binary];
  const where = kind === "ephemeral" ? [] : ["--storage", storage];
  const child = Bun.spawn(
    // Without the moment in which a server that is being stopped waits for more of a push.
    [...hive, "registry", "start", "--port=0", "--stop-grace=0", ...where, ...flags[kind], ...more],
    {
      env: { ...process.env, TMPDIR: directory, HIVE_REGISTRY_INCOMPLETE_IMAGES: "accept" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  stack.defer(async () => {
    child.kill("SIGTERM");
    await child.exited;
  });
  let errors = "";
  void drain(child.stderr, (text) => (errors += text));
  const url = await firstLine(child.stdout);
  if (url === undefined) throw new Error(`The registry did not start. It wrote:\n${errors}`);
  const owned = stack.move();
  return {
    url,
    address: new URL(url).host,
    port: Number(new URL(url).port),
    pid: child.pid,
    directory,
    storage,
    errors: () => errors,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  let text = "";
  const decoder = new TextDecoder();
  // The rest stays unread: it is little.
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    text += decoder.decode(value, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
}

async function drain(stream: ReadableStream<Uint8Array>, take: (text: string) => void) {
  const decoder = new TextDecoder();
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
}
