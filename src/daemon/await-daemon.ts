import { setTimeout as delay } from "node:timers/promises";
import type { Environment } from "../base/environment.ts";
import { connectBuildkit } from "../buildkit/connect-buildkit.ts";
import type { Endpoint } from "../buildkit/endpoint.ts";

type AwaitOptions = {
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Milliseconds for everything. */
  readonly limit: number;
  /** Whether there is nothing to wait for any more. */
  readonly hasEnded?: () => boolean | Promise<boolean>;
};

const interval = 100;
/** Milliseconds for one answer. */
const answerTime = 5_000;

/**
 * Asks at each of `endpoints` in turn until a daemon answers with its workers.
 * @returns where it is, and its version in its own words; undefined when it ended, or is silent until the limit.
 * @throws the signal's reason
 */
export async function awaitDaemon(
  endpoints: readonly Endpoint[],
  { env, signal, limit, hasEnded }: AwaitOptions,
): Promise<{ readonly endpoint: Endpoint; readonly version: string } | undefined> {
  const end = performance.now() + limit;
  for (;;) {
    for (const endpoint of endpoints) {
      const timeout = Math.max(1, Math.min(answerTime, end - performance.now()));
      try {
        await using buildkit = await connectBuildkit(endpoint, { env, signal, timeout });
        if (buildkit.workers.length > 0) return { endpoint, version: buildkit.version };
      } catch {
        signal.throwIfAborted();
      }
    }
    if (performance.now() > end || (await hasEnded?.()) === true) return undefined;
    await delay(interval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
