import { setTimeout as sleep } from "node:timers/promises";
import { HiveError } from "../../base/hive-error.ts";
import { askAgain } from "../../buildkit/ask-again.ts";
import type { BuildNode } from "./build-node.ts";

/** Milliseconds. */
export type ReturnLimits = {
  /** How long targets that no other node can build wait for one that is away. */
  readonly patience: number;
  /** How long it is asked whether it is back. */
  readonly giveUp: number;
  /** Before it is asked for the first time; then twice as long each time. */
  readonly first: number;
  /** The longest pause. */
  readonly longest: number;
};

/** A daemon that its system starts again is back in some seconds; a machine takes longer. */
export const usualLimits: ReturnLimits = {
  patience: 10_000,
  giveUp: 300_000,
  first: 250,
  longest: 5_000,
};

/** While somebody may wait for it, it is asked at least this often. */
const longestWithin = 1_000;

/** Resolves when a node answers, and is what it was. */
export type AskNode = (
  node: BuildNode,
  options: { readonly signal: AbortSignal; readonly timeout: number },
) => Promise<void>;

type AwaitOptions = {
  readonly limits: ReturnLimits;
  readonly signal: AbortSignal;
  readonly ask?: AskNode;
  /** Whether it still finishes what it has, as a daemon does that is asked to stop: so long nobody expects it back. */
  readonly isBusy: () => boolean;
  /** The patience with it is at an end. */
  readonly onOverdue: () => void;
  /** Somebody answers there, but not to go on with. */
  readonly onRefusal: (error: HiveError) => void;
};

const askTimeout = 5_000;

const askBuildkit: AskNode = async ({ buildkit }, options) => await askAgain(buildkit, options);

/** Asks a node that went away until it is back. @returns whether it is; false after the last limit, and when the signal aborts */
export async function awaitReturn(node: BuildNode, options: AwaitOptions): Promise<boolean> {
  const { limits, signal, ask = askBuildkit } = options;
  const since = performance.now();
  const overdue = setInterval(() => {
    if (options.isBusy()) return;
    clearInterval(overdue);
    options.onOverdue();
  }, limits.patience);
  try {
    let pause = limits.first;
    while (performance.now() - since < limits.giveUp) {
      await sleep(pause, undefined, { signal });
      try {
        await ask(node, { signal, timeout: askTimeout });
        return true;
      } catch (error) {
        if (error instanceof HiveError) options.onRefusal(error);
      }
      const isAwaited = performance.now() - since < limits.patience;
      pause = Math.min(pause * 2, isAwaited ? longestWithin : limits.longest);
    }
    options.onOverdue();
    return false;
  } catch (error) {
    // The run is over.
    if (signal.aborted) return false;
    throw error;
  } finally {
    clearInterval(overdue);
  }
}
