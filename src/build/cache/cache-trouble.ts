import { cacheDirection } from "../../buildkit/status/cache-direction.ts";
import type { StepEvent } from "../../buildkit/status/step-event.ts";

/** What goes wrong with a cache: with what is read from it, or with what is written to it. */
export type CacheTrouble = { readonly direction: "import" | "export"; readonly reason: string };

/** Watches the steps of one build for those that are about its cache. */
export type TroubleWatch = Disposable & {
  /** Takes an event; returns it as it is to be shown: a cache that fails is no step that failed. */
  onStep(event: StepEvent): StepEvent;
  /** Aborts when the cache holds up the build so long that it is better made without. */
  readonly signal: AbortSignal;
};

/** Milliseconds for a cache's manifest: it is small. The daemon alone would try to connect for half a minute. */
const importPatience = 20_000;
/** The daemon waits longer and longer between its tries, each of which may take half a minute. */
const mostRetries = 2;

/** Watches the steps of one build for a cache that fails it, or holds it up for longer than `patience` milliseconds. */
export function watchTrouble(
  report: (trouble: CacheTrouble) => void,
  patience: number = importPatience,
): TroubleWatch {
  const giveUp = new AbortController();
  const timers = new Map<string, Timer>();
  const exporting = new Set<string>();
  let retries = 0;

  function stop(trouble: CacheTrouble): void {
    if (giveUp.signal.aborted) return;
    report(trouble);
    giveUp.abort();
  }

  return {
    signal: giveUp.signal,
    onStep(event) {
      const started = event.type === "started" ? cacheDirection(event.name) : undefined;
      if (started === "import") {
        const reason = `it did not answer within ${patience / 1000} s`;
        clearTimeout(timers.get(event.step));
        timers.set(
          event.step,
          setTimeout(() => stop({ direction: "import", reason }), patience),
        );
      }
      if (started === "export") exporting.add(event.step);
      // The manifest has arrived: what follows is about layers.
      if (event.type === "progress") clearTimeout(timers.get(event.step));
      if (event.type === "log" && exporting.has(event.step) && event.text.startsWith("error: ")) {
        retries += 1;
        const reason = event.text.replace(/^error: /, "");
        if (retries > mostRetries) stop({ direction: "export", reason });
      }
      if (event.type !== "done") return event;
      clearTimeout(timers.get(event.step));
      const direction = cacheDirection(event.name);
      if (event.error === undefined || direction === undefined) return event;
      const { error, canceled: _, ...done } = event;
      // Nobody has written to it yet.
      const isNew = direction === "import" && error.endsWith(": not found");
      if (!isNew && event.canceled !== true) report({ direction, reason: error });
      return done;
    },
    [Symbol.dispose]() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

/**
 * Whether a build failed because of its cache, and so will not without it. Not every fault of a cache is ignored by the
 * daemon: settings that it can't use, and layers that it took for there and then can't get.
 */
export function cacheTroubleOf(message: string): CacheTrouble | undefined {
  if (
    /failed to configure \S+ cache exporter|unknown cache exporter|duplicate cache exports/.test(
      message,
    )
  ) {
    return { direction: "export", reason: message };
  }
  const isMissing =
    /failed to configure \S+ cache importer|unexpected commit digest|failed size validation|\bno content sha(?:256|512):|is cut short|failed to copy: |httpReadSeeker/;
  return isMissing.test(message) ? { direction: "import", reason: message } : undefined;
}
