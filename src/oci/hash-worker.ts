/**
 * The thread of `hash-thread.ts`: reads files that others still write, as far as it is told, and hashes them.
 * Messages are worked off in their order, so one file's next piece may be another's.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { DigestAlgorithm } from "./digest.ts";

export type HashRequest =
  | { readonly id: number; readonly path: string; readonly algorithm: DigestAlgorithm }
  /** The file has `size` bytes by now. */
  | { readonly id: number; readonly size: number }
  /** The digest is wanted; nothing comes after this. */
  | { readonly id: number; readonly end: "digest" | "cancel" };

/** Without a digest: the file could not be read. */
export type HashAnswer = { readonly id: number; readonly hex?: string };

type Job = { readonly file: number; readonly hasher: Bun.CryptoHasher; done: number };

const jobs = new Map<number, Job>();
// Small enough to be still in the core's cache when it is hashed.
const buffer = new Uint8Array(256 * 1024);

parentPort?.on("message", (request: HashRequest) => {
  try {
    work(request);
  } catch {
    // Whoever wants the digest hears at the end that there is none, and finds out why when he reads the file himself.
    close(request.id);
  }
});

function work(request: HashRequest): void {
  const { id } = request;
  if ("path" in request) {
    const hasher = new Bun.CryptoHasher(request.algorithm);
    jobs.set(id, { file: openSync(request.path, "r"), hasher, done: 0 });
    return;
  }
  const job = jobs.get(id);
  if ("size" in request) {
    if (job !== undefined) hashUpTo(job, request.size);
    return;
  }
  close(id);
  const answer: HashAnswer = job === undefined ? { id } : { id, hex: job.hasher.digest("hex") };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  parentPort?.postMessage(answer);
}

function hashUpTo(job: Job, size: number): void {
  while (job.done < size) {
    const length = Math.min(buffer.byteLength, size - job.done);
    const count = readSync(job.file, buffer, 0, length, job.done);
    if (count === 0) throw new Error("the file is shorter than it was said to be");
    job.hasher.update(count === buffer.byteLength ? buffer : buffer.subarray(0, count));
    job.done += count;
  }
}

function close(id: number): void {
  const job = jobs.get(id);
  if (job === undefined) return;
  jobs.delete(id);
  closeSync(job.file);
}
