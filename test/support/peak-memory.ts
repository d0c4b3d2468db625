import { readFileSync } from "node:fs";

/** Watches how much memory a process had at most, until it is disposed. */
export type PeakMemory = Disposable & {
  /** Bytes. */
  readonly peak: () => number;
};

const interval = 20;

/**
 * Reads the kernel's own mark again and again: what `wait` says of a process has its parent's memory in it, from before the
 * program was loaded, and the test runner is large.
 */
export function watchPeakMemory(pid: number): PeakMemory {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, highWaterMark(pid));
  }, interval);
  return { peak: () => peak, [Symbol.dispose]: () => clearInterval(timer) };
}

/** The most memory that a process had so far, in bytes; 0 when it is gone. */
export function highWaterMark(pid: number | "self"): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
