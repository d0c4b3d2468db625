import { endsWithin } from "../../base/ends-within.ts";
import { toError } from "../../base/to-error.ts";
import { type LoggedRequest, logLine } from "./log-line.ts";

/** Takes requests and writes them soon. Disposing writes what is left, for a moment at most. */
export type AccessLog = AsyncDisposable & {
  add(request: LoggedRequest): void;
  /** Lines that could not be written so far: the disk was full or too slow. */
  readonly dropped: number;
};

type AccessLogOptions = {
  /** Writes whole lines; called again only when it is done. */
  readonly write: (lines: string) => Promise<void>;
  /** Hears of the first failure, and of the first after it worked again. */
  readonly onError?: (error: Error) => void;
  /** Milliseconds that a line waits at most. Default: 1 s. */
  readonly interval?: number;
  /** Characters that wait at most; what comes then is dropped. Default: 4 Mi. */
  readonly bufferSize?: number;
};

/** Characters from which on lines are written at once. */
const writeSize = 256 * 1024;
const disposeLimit = 2000;

/**
 * A log of requests in memory, handed to `write` in pieces. It never makes a request wait and never fails one: where
 * writing does not keep up, lines are dropped and counted.
 */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { write, onError, interval = 1000, bufferSize = 4 * 1024 * 1024 } = options;
  let lines: string[] = [];
  let size = 0;
  let dropped = 0;
  let failing = false;
  let writing: Promise<void> | undefined;

  const writeAll = async (): Promise<void> => {
    const text = lines.join("");
    const count = lines.length;
    lines = [];
    size = 0;
    try {
      await write(text);
      failing = false;
    } catch (error) {
      dropped += count;
      if (!failing) onError?.(toError(error));
      failing = true;
    }
  };
  const drain = async (): Promise<void> => {
    while (lines.length > 0) await writeAll();
    writing = undefined;
  };
  /** Ends when nothing is left, what came meanwhile included. */
  const flush = async (): Promise<void> => {
    if (writing === undefined && lines.length === 0) return;
    writing ??= drain();
    await writing;
  };
  const timer = setInterval(() => void flush(), interval);
  timer.unref();

  return {
    add(request) {
      const line = logLine(request);
      if (size + line.length > bufferSize) {
        dropped++;
        return;
      }
      lines.push(line);
      size += line.length;
      if (size >= writeSize && writing === undefined) void flush();
    },
    get dropped() {
      return dropped;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await endsWithin(flush(), disposeLimit);
    },
  };
}
