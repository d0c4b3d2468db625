import type { StepEvent } from "../../buildkit/status/step-event.ts";
import { keptLines } from "../../progress/log-tail.ts";

/** What must be known of a build's steps when it has ended. */
export type StepRecord = {
  push(event: StepEvent): void;
  /** The build is made once more: what the first one said is forgotten, but not that steps ran. */
  restart(): void;
  /** No step of the Dockerfile ran: all came from the cache. */
  isCached(): boolean;
  /** Bytes of layers that were fetched for steps of the Dockerfile that a cache elsewhere had. */
  fetchedBytes(): number;
  /** A step's name and the last lines that it printed. */
  describe(step: string): { readonly name: string; readonly log: readonly string[] } | undefined;
};

/** Steps of the Dockerfile are numbered, `[2/3] RUN make`; the base image, fetched or there, is not one that runs. */
const ownStep = /^\[(?:[^\]]* )?\d+\/\d+\] (?!FROM\b)/i;

/** Characters of a step's output that are kept. */
const keptLength = 256 * 1024;

/** An empty record, for one build. */
export function createStepRecord(): StepRecord {
  const names = new Map<string, string>();
  const logs = new Map<string, { readonly lines: string[]; length: number }>();
  const ran = new Set<string>();
  const fetched = new Map<string, number>();
  return {
    push(event) {
      switch (event.type) {
        case "started":
          names.set(event.step, event.name);
          return;
        case "log": {
          const log = logs.get(event.step) ?? { lines: [], length: 0 };
          log.lines.push(event.text);
          log.length += event.text.length;
          while (
            log.lines.length > keptLines ||
            (log.length > keptLength && log.lines.length > 1)
          ) {
            log.length -= log.lines.shift()?.length ?? 0;
          }
          logs.set(event.step, log);
          return;
        }
        case "done":
          names.set(event.step, event.name);
          // It is shown of those that fail.
          if (event.error === undefined) logs.delete(event.step);
          if (!event.cached && ownStep.test(event.name)) ran.add(event.step);
          return;
        case "progress":
          // Layers are named by digest; those of a base image belong to a step that is none of ours.
          if (event.item.startsWith("sha256:") && ownStep.test(names.get(event.step) ?? ""))
            fetched.set(event.item, event.current);
          return;
        case "warning":
          return;
      }
    },
    restart() {
      names.clear();
      logs.clear();
      fetched.clear();
    },
    isCached: () => ran.size === 0,
    fetchedBytes: () => [...fetched.values()].reduce((sum, bytes) => sum + bytes, 0),
    describe(step) {
      const name = names.get(step);
      return name === undefined ? undefined : { name, log: logs.get(step)?.lines ?? [] };
    },
  };
}
