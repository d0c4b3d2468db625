type LivenessOptions = {
  /** Milliseconds without a sign of life after which the peer is asked. */
  readonly quiet: number;
  /** Asks the peer; rejects when it doesn't answer. */
  readonly probe: () => Promise<unknown>;
};

/** Notices a peer that keeps its connection and says nothing: a killed container behind a proxy, a frozen process. */
export type Liveness = Disposable & {
  /** Notes a sign of life. */
  touch(): void;
  /** Rejects with the probe's error once the peer is quiet and doesn't answer either. */
  readonly dead: Promise<never>;
};

/** Watches a peer from now on until it's disposed. */
export function watchLiveness({ quiet, probe }: LivenessOptions): Liveness {
  const { promise: dead, reject } = Promise.withResolvers<never>();
  // Whoever doesn't race against it doesn't want to know.
  dead.catch(() => {});
  let last = performance.now();
  let isProbing = false;

  async function check(): Promise<void> {
    if (isProbing || performance.now() - last < quiet) return;
    isProbing = true;
    try {
      await probe();
      last = performance.now();
    } catch (error) {
      reject(error);
    } finally {
      isProbing = false;
    }
  }

  const timer = setInterval(() => void check(), quiet / 6);
  return {
    touch() {
      last = performance.now();
    },
    dead,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
