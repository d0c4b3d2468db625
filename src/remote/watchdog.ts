/** Ends what brings nothing for too long. */
export type Watchdog = {
  readonly signal: AbortSignal;
  /** From now on, something has to happen within `limit` milliseconds; `complaint`: "nothing came". */
  expect(limit: number, complaint: string): void;
  /** Nothing is waited for. */
  rest(): void;
  abort(reason: unknown): void;
};

/** @param parents What ends it besides. */
export function createWatchdog(parents: readonly AbortSignal[]): Watchdog {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    signal: AbortSignal.any([...parents, controller.signal]),
    expect(limit, complaint) {
      clearTimeout(timer);
      const expire = (): void =>
        controller.abort(new DOMException(`${complaint} for ${limit / 1000} s`, "TimeoutError"));
      timer = setTimeout(expire, limit);
    },
    rest: () => clearTimeout(timer),
    abort: (reason) => controller.abort(reason),
  };
}
