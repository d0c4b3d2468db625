import { toError } from "../base/to-error.ts";
import { collectGarbage, type GarbageReport } from "../registry/store/garbage/collect-garbage.ts";
import type { OpenRegistryStore } from "../registry/store/open-registry-store.ts";
import type { GcSettings } from "./server-settings.ts";

/** What one collection is asked for; what is undefined is as the server was started. Milliseconds. */
export type GcRequest = {
  readonly dryRun: boolean;
  readonly grace?: number | undefined;
  readonly untaggedAfter?: number | undefined;
};

export type GcReport = GarbageReport & {
  readonly dryRun: boolean;
  /** Milliseconds. */
  readonly duration: number;
};

/** Collects garbage now and then, and when asked to. Disposing ends the one that runs. */
export type GcRunner = AsyncDisposable & {
  /** Waits for one that runs already, then runs. */
  run(request: GcRequest): Promise<GcReport>;
  readonly totals: GcTotals;
};

export type GcTotals = {
  /** Those that ended, failed ones included. */
  readonly runs: number;
  readonly failures: number;
  readonly removedBlobs: number;
  readonly removedBytes: number;
  /** Milliseconds. */
  readonly lastDuration: number | undefined;
  /** Milliseconds since 1970. */
  readonly lastSuccess: number | undefined;
};

type GcRunnerOptions = {
  readonly store: OpenRegistryStore;
  readonly settings: GcSettings;
  /** No registry serves the store meanwhile. Default: one does. */
  readonly offline?: boolean;
  /** Takes what went wrong in a collection that nobody waits for. */
  readonly onError: (error: Error) => void;
};

/** Begins to collect at the interval of the settings, the first time when one has passed. */
export function createGcRunner(options: GcRunnerOptions): GcRunner {
  const { store, settings, offline = false, onError } = options;
  const stop = new AbortController();
  const totals = {
    runs: 0,
    failures: 0,
    removedBlobs: 0,
    removedBytes: 0,
    lastDuration: undefined as number | undefined,
    lastSuccess: undefined as number | undefined,
  };
  let last: Promise<unknown> = Promise.resolve();

  const collect = async (request: GcRequest): Promise<GcReport> => {
    const start = performance.now();
    const untaggedAfter = request.untaggedAfter ?? settings.untaggedAfter;
    try {
      const result = await collectGarbage(store, {
        grace: request.grace ?? settings.grace,
        untagged: untaggedAfter === undefined ? undefined : { olderThan: untaggedAfter },
        offline,
        dryRun: request.dryRun,
        signal: stop.signal,
      });
      if (!request.dryRun) {
        totals.removedBlobs += result.blobs;
        totals.removedBytes += result.bytes;
      }
      totals.lastSuccess = Date.now();
      totals.lastDuration = performance.now() - start;
      return { ...result, dryRun: request.dryRun, duration: totals.lastDuration };
    } catch (error) {
      totals.failures += 1;
      throw error;
    } finally {
      totals.runs += 1;
    }
  };
  const run = (request: GcRequest): Promise<GcReport> => {
    const next = last.then(() => collect(request));
    last = next.catch(() => undefined);
    return next;
  };

  const timer =
    settings.interval === 0
      ? undefined
      : setInterval(() => {
          run({ dryRun: false }).catch((error: unknown) => {
            if (!stop.signal.aborted) {
              onError(toError(error));
            }
          });
        }, settings.interval);
  timer?.unref();

  return {
    run,
    totals,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stop.abort();
      await last;
    },
  };
}
