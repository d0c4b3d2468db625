/** Lets others have their turn in long work that nothing interrupts. */
export type Pause = {
  /**
   * Waits for a turn of the event loop when it is time.
   * @throws the signal's reason when it has aborted.
   */
  ifDue(signal?: AbortSignal): Promise<void> | void;
};

// Milliseconds. Short enough for a request that waits, long enough not to cost.
const longest = 5;

/** For one piece of long work, which begins now. */
export function createPause(): Pause {
  let last = performance.now();
  const turn = async (signal: AbortSignal | undefined): Promise<void> => {
    await nextTurn();
    last = performance.now();
    signal?.throwIfAborted();
  };
  return {
    ifDue(signal) {
      signal?.throwIfAborted();
      if (performance.now() - last < longest) return;
      return turn(signal);
    },
  };
}

/** Resolves after everything that was ready has had its turn. */
export async function nextTurn(): Promise<void> {
  // Not setImmediate: a series of those leaves timers and sockets too little.
  await new Promise((resolve) => setTimeout(resolve, 0));
}
