type LivenessOptions = {
  /** Milliseconds without a sign of life after which the peer is asked. */
  readonly quiet: number;
  /** When the last sign of life came, as `performance.now()` has it. */
  readonly lastSign: () => number;
  /** Asks the peer; rejects when it doesn't answer. An answer is a sign of life. */
  readonly probe: () => Promise<unknown>;
};

/** Notices a peer that keeps its connection and says nothing: a killed container behind a proxy, a frozen process. */
export type Liveness = Disposable & {
  /** Rejects with the probe's error once the peer is quiet and doesn't answer either. */
  readonly dead: Promise<never>;
};

/**
 * Three health checks of a session that did not come. With the probe's five seconds this is longer than a change of
 * networks takes a laptop.
 */
export const usualQuiet = 15_000;

/** Watches a peer from now on until it's disposed. */
export function watchLiveness({ quiet, lastSign, probe }: LivenessOptions): Liveness {
  const { promise: dead, reject } = Promise.withResolvers<never>();
  // Whoever doesn't race against it doesn't want to know.
  dead.catch(() => {});
  let answered = performance.now();
  let isProbing = false;

  async function check(): Promise<void> {
    const asked = performance.now();
    if (isProbing || asked - Math.max(answered, lastSign()) < quiet) return;
    isProbing = true;
    try {
      await probe();
      answered = performance.now();
    } catch (error) {
      // On a slow link the answer queues behind what else comes.
      if (lastSign() < asked) reject(error);
    } finally {
      isProbing = false;
    }
  }

  const timer = setInterval(() => void check(), quiet / 6);
  return { dead, [Symbol.dispose]: () => clearInterval(timer) };
}
