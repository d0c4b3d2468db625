import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { DigestAlgorithm } from "./digest.ts";
import type { HashAnswer, HashRequest } from "./hash-worker.ts";

/** A file that is hashed while it grows. Disposing stops it. */
export type FollowedFile = Disposable & {
  /** The first `size` bytes of the file are written. */
  grown(size: number): void;
  /** The digest of what was announced, in hex; undefined when the thread could not find it out. */
  digest(): Promise<string | undefined>;
};

// Hashing takes less than receiving and writing, so a thread keeps up with two files; what is more hashes on its own.
const maxFiles = 2;

let thread: Worker | undefined;
let lastId = 0;
const files = new Map<number, (hex: string | undefined) => void>();

/**
 * Hashes the file at `path` in another thread, which reads it again from the page cache: that costs less than it saves,
 * needs no memory for what is under way, and leaves writing, with its errors, where it was.
 * Undefined when there is no core or no thread to spare: the caller hashes then.
 */
export function hashInThread(path: string, algorithm: DigestAlgorithm): FollowedFile | undefined {
  if (files.size >= maxFiles || availableParallelism() < 2) return undefined;
  const worker = (thread ??= startThread());
  const id = ++lastId;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  files.set(id, resolve);
  // A process lives as long as somebody waits for a digest, and no longer for the thread's sake.
  worker.ref();
  const send = (request: HashRequest): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    worker.postMessage(request);
  };
  send({ id, path, algorithm });
  let open = true;
  const end = (how: "digest" | "cancel"): void => {
    if (open) send({ id, end: how });
    open = false;
  };
  return {
    grown: (size) => send({ id, size }),
    async digest() {
      end("digest");
      return await promise;
    },
    [Symbol.dispose]: () => end("cancel"),
  };
}

function startThread(): Worker {
  // Compiled, the file is there because scripts/compile.ts lists it.
  const worker = new Worker(new URL("./hash-worker.ts", import.meta.url));
  worker.on("message", ({ id, hex }: HashAnswer) => finish(worker, id, hex));
  const lost = (): void => {
    if (thread !== worker) return;
    // All that wait for it hash for themselves, and the next file gets another thread.
    thread = undefined;
    for (const id of files.keys()) finish(worker, id, undefined);
  };
  worker.on("error", lost);
  worker.on("exit", lost);
  return worker;
}

function finish(worker: Worker, id: number, hex: string | undefined): void {
  files.get(id)?.(hex);
  files.delete(id);
  if (files.size === 0) worker.unref();
}
