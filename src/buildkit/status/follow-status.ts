import { endsWithin } from "../../base/ends-within.ts";
import type { Connection } from "../connection.ts";
import type { StatusReader } from "./status-reader.ts";

/** A build's status stream while it's read. */
export type StatusFollower = {
  /**
   * Waits until the daemon has told everything, but no longer than `limit` milliseconds altogether
   * and `idle` milliseconds without news, and stops reading then.
   */
  finish(patience: { readonly idle: number; readonly limit: number }): Promise<void>;
};

// Before the build is known to the daemon the stream waits for it, also when it was refused at once.
const refusedPatience = 250;

/**
 * Reads the status of the build `ref` in the background. It may be asked for before the build is started.
 * A stream that breaks costs news and nothing else.
 */
export function followStatus(
  { control }: Connection,
  ref: string,
  reader: StatusReader,
): StatusFollower {
  const stop = new AbortController();
  let last = performance.now();
  let heard = false;

  async function read(): Promise<void> {
    try {
      for await (const message of control.status({ Ref: ref }, { signal: stop.signal })) {
        last = performance.now();
        heard = true;
        reader.push(message);
      }
    } catch {
      // The build's own call tells what is wrong.
    }
  }

  const reading = read();
  return {
    async finish({ idle, limit }) {
      const end = performance.now() + (heard ? limit : Math.min(limit, refusedPatience));
      let isOver = false;
      while (!isOver) {
        const now = performance.now();
        const wait = Math.min(end, Math.max(last, now) + idle) - now;
        const before = last;
        isOver = (await endsWithin(reading, wait)) || performance.now() >= end || last === before;
      }
      stop.abort();
      await reading;
      reader.finish();
    },
  };
}
