type DeadlineOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
};

/** The end of a wait. Dispose it, or its timer and its listener stay. */
export type Deadline = Disposable & {
  /** Aborts with a TimeoutError when the time is up, or with the outer signal's reason. */
  readonly signal: AbortSignal;
  /** Rejects when {@link signal} aborts; for what takes no signal. */
  readonly passed: Promise<never>;
};

/** Starts a wait that ends after `timeout`, and before that when `signal` says so. */
export function createDeadline({ signal, timeout }: DeadlineOptions): Deadline {
  const own = new AbortController();
  const { promise: passed, reject } = Promise.withResolvers<never>();
  // Nobody needs to wait for it.
  passed.catch(() => {});
  const abort = (reason: unknown): void => {
    own.abort(reason);
    reject(reason);
  };
  const forward = (): void => abort(signal?.reason);
  const expire = (): void => abort(new DOMException("The time is up.", "TimeoutError"));
  const timer = setTimeout(expire, timeout);
  if (signal?.aborted === true) forward();
  else signal?.addEventListener("abort", forward, { once: true });
  return {
    signal: own.signal,
    passed,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", forward);
    },
  };
}
