/** Lets at most `limit` holders in at a time: those of more weight first, then in the order in which they asked. */
export class Semaphore {
  #free: number;
  readonly #waiting: { readonly enter: () => void; readonly weight: number }[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /**
   * Waits for a permit; disposing it gives it back.
   * @throws the signal's reason when it aborts first.
   */
  async acquire(signal?: AbortSignal, weight = 0): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal, weight);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#release();
        held = false;
      },
    };
  }

  #wait(signal: AbortSignal | undefined, weight: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const enter = (): void => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    const waiter = { enter, weight };
    const leave = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      reject(signal?.reason);
    };
    const lighter = this.#waiting.findIndex((other) => other.weight < weight);
    this.#waiting.splice(lighter < 0 ? this.#waiting.length : lighter, 0, waiter);
    signal?.addEventListener("abort", leave, { once: true });
    return promise;
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next.enter();
  }
}
