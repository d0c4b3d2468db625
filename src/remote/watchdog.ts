/** Ends what brings nothing for too long. */
export type Watchdog = {
  readonly signal: AbortSignal;
  /** From now on, something has to happen within `limit` milliseconds; `complaint`: "nothing came". */
  expect(limit: number, complaint: string): void;
  /** Nothing is waited for. */
  rest(): void;
  abort(reason: unknown): void;
  /** Nothing will be waited for any more. */
  end(): void;
};

/** @param parents What ends it besides. */
export function createWatchdog(parents: readonly AbortSignal[]): Watchdog {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wakesAt = 0;
  let deadline = Number.POSITIVE_INFINITY;
  let expected = { limit: 0, complaint: "" };

  // It is told of every piece of a blob. A timer for each would cost more than all else that is done with it.
  function wakeBy(time: number): void {
    if (timer !== undefined && wakesAt <= time) return;
    clearTimeout(timer);
    wakesAt = time;
    timer = setTimeout(look, time - performance.now());
  }
  function look(): void {
    timer = undefined;
    if (deadline === Number.POSITIVE_INFINITY) return;
    if (performance.now() < deadline) wakeBy(deadline);
    else {
      const text = `${expected.complaint} for ${expected.limit / 1000} s`;
      controller.abort(new DOMException(text, "TimeoutError"));
    }
  }

  return {
    signal: AbortSignal.any([...parents, controller.signal]),
    expect(limit, complaint) {
      deadline = performance.now() + limit;
      expected = { limit, complaint };
      wakeBy(deadline);
    },
    rest() {
      deadline = Number.POSITIVE_INFINITY;
    },
    abort(reason) {
      clearTimeout(timer);
      controller.abort(reason);
    },
    end: () => clearTimeout(timer),
  };
}
