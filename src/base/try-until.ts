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
    await pause(delay, signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal.reason);
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
