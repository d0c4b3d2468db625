import { setTimeout as sleep } from "node:timers/promises";
import { HiveError } from "./hive-error.ts";

type TryOptions = {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds between the end of one try and the next. */
  readonly delay: number;
  /** Told of every try that failed, and why. */
  readonly onFailure: (error: HiveError) => void;
};

/**
 * Tries again and again what may be unreachable for now.
 * @throws what `attempt` throws, unless it is a HiveError "unreachable"; the signal's reason
 */
export async function tryUntil<T>(
  attempt: () => Promise<T>,
  { signal, delay, onFailure }: TryOptions,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HiveError) || error.kind !== "unreachable") throw error;
      onFailure(error);
    }
    // When it is broken off, the next round says why.
    await sleep(delay, undefined, { signal }).catch(() => undefined);
  }
}
