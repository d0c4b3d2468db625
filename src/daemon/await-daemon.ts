import { setTimeout as delay } from "node:timers/promises";
import type { Environment } from "../base/environment.ts";
import { connectBuildkit } from "../buildkit/connect-buildkit.ts";
import type { Endpoint } from "../buildkit/endpoints/endpoint.ts";

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

/** Where a daemon is, and its version in its own words. */
type Answer = { readonly endpoint: Endpoint; readonly version: string };

/**
 * Asks at each of `endpoints` in turn until a daemon answers with its workers; the first one that leads to it is the best.
 * @returns undefined when it ended, or is silent until the limit.
 * @throws the signal's reason
 */
export async function awaitDaemon(
  endpoints: readonly Endpoint[],
  { env, signal, limit, hasEnded }: AwaitOptions,
): Promise<Answer | undefined> {
  const end = performance.now() + limit;
  async function firstAnswer(asked: readonly Endpoint[]): Promise<Answer | undefined> {
    for (const endpoint of asked) {
      const timeout = Math.max(1, Math.min(answerTime, end - performance.now()));
      try {
        await using buildkit = await connectBuildkit(endpoint, { env, signal, timeout });
        if (buildkit.workers.length > 0) return { endpoint, version: buildkit.version };
      } catch {
        signal.throwIfAborted();
      }
    }
    return undefined;
  }
  for (;;) {
    const answer = await firstAnswer(endpoints);
    if (answer !== undefined) {
      // It may have come up after the better ones were asked.
      return (await firstAnswer(endpoints.slice(0, endpoints.indexOf(answer.endpoint)))) ?? answer;
    }
    if (performance.now() > end || (await hasEnded?.()) === true) return undefined;
    await delay(interval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
