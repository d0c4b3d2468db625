import type { StepEvent } from "./status/step-event.ts";

type MetadataOptions = {
  /** Milliseconds that a registry may take for one image's manifests and configuration: a few kilobytes. */
  readonly limit: number;
  /** Learns which image's did not come in time. */
  readonly onLate: (reference: string) => void;
};

/** Watches steps that only ask a registry what an image is. Disposing ends it. */
export type MetadataWatch = Disposable & { push(event: StepEvent): void };

// The daemon's own words: `[internal] load metadata for docker.io/library/alpine:3.22`.
const asking = /^\[.*\] load metadata for (\S+)$/;

/**
 * Notices a registry that takes the daemon's question and doesn't answer: the daemon has no limit of its own for it, and
 * would wait for ever. What it does with an answer, as pulling layers, may take as long as it does.
 */
export function watchMetadata({ limit, onLate }: MetadataOptions): MetadataWatch {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  return {
    push(event) {
      if (event.type === "done") clearTimeout(timers.get(event.step));
      const reference = event.type === "started" ? asking.exec(event.name)?.[1] : undefined;
      if (reference === undefined) return;
      clearTimeout(timers.get(event.step));
      timers.set(event.step, setTimeout(onLate, limit, reference));
    },
    [Symbol.dispose]() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
