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
  /** The store's directory. */
  readonly storage: string;
  /** What it wrote to stderr: faults of its own. */
  errors(): string;
};

/** `disk` syncs what it stores, `ephemeral` does not. */
export type RegistryKind = "disk" | "ephemeral";

/** @throws Error with what it wrote when it does not start. */
export async function startRegistryProcess(kind: RegistryKind): Promise<RegistryProcess> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory()).path;
  const storage = join(directory, "store");
  const child = Bun.spawn(
    [
      process.execPath,
      join(import.meta.dirname, "serve-for-tests.ts"),
      "--storage",
      storage,
      ...(kind === "ephemeral" ? ["--ephemeral"] : []),
    ],
    { stdin: "ignore", stdout: "pipe", stderr: "pipe" },
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
