import type { Environment } from "../../base/environment.ts";
import { HiveError } from "../../base/hive-error.ts";
import { hasImageStore } from "../capabilities.ts";
import { openConnection } from "../connection.ts";
import { createDeadline } from "../../base/deadline.ts";
import { dialReason } from "../dialers/dial-reason.ts";
import { createDialer } from "../dialers/dialer.ts";
import { toWorker } from "../introduce.ts";
import { reasonOf } from "../to-buildkit-error.ts";
import type { Endpoint } from "./endpoint.ts";

/** What came of trying one endpoint. */
export type ProbedEndpoint = {
  readonly endpoint: Endpoint;
  /**
   * `good`: a BuildKit answers. `limited`: one does that can't do all, a Docker Engine with the old image store.
   * `silent`: somebody listens and says nothing. `absent`: nobody, or no BuildKit.
   */
  readonly state: "good" | "limited" | "silent" | "absent";
  /** Why it is not good. */
  readonly reason?: string;
  readonly hint?: string | undefined;
};

type ProbeOptions = {
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
};

/** Milliseconds for all together: whoever is on this machine answers at once, or hangs. */
const probeTime = 2000;

/** The best state first. */
const ranking = ["good", "limited", "silent"] as const;

/**
 * Tries endpoints, all at the same time, and takes the first in their order that is good; it does not wait for those
 * behind it. Where none is, the first that is limited; where none is that either, one that says nothing: it may be busy.
 * @returns the failures of all that were tried, in order, when there is none
 * @throws the signal's reason
 */
export async function probeEndpoints(
  endpoints: readonly Endpoint[],
  { env, signal }: ProbeOptions,
): Promise<{ readonly best?: Endpoint; readonly failures: readonly ProbedEndpoint[] }> {
  using deadline = createDeadline({ signal, timeout: probeTime });
  const enough = new AbortController();
  const stop = AbortSignal.any([deadline.signal, enough.signal]);
  const probes = endpoints.map((endpoint) => probe(endpoint, { env, signal: stop }));
  const results: ProbedEndpoint[] = [];
  try {
    for (const running of probes) {
      const result = await running;
      if (result.state === "good") return { best: result.endpoint, failures: [] };
      results.push(result);
    }
  } finally {
    enough.abort(new DOMException("Another one answered.", "AbortError"));
  }
  signal?.throwIfAborted();
  for (const wanted of ranking) {
    const best = results.find(({ state }) => state === wanted);
    if (best !== undefined) return { best: best.endpoint, failures: [] };
  }
  return { failures: results };
}

/** Never rejects, and ends with the signal. */
async function probe(
  endpoint: Endpoint,
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<ProbedEndpoint> {
  let listens = false;
  async function attempt(): Promise<ProbedEndpoint> {
    await using dialer = await createDialer(endpoint, { env, signal });
    using connection = await openConnection(dialer, { signal, timeout: probeTime });
    listens = true;
    const { record } = await connection.control.listWorkers({}, { signal });
    const isLimited = endpoint.kind === "docker" && !hasImageStore(record.map(toWorker));
    return { endpoint, state: isLimited ? "limited" : "good" };
  }
  // A way there may take no signal.
  const late = Promise.withResolvers<never>();
  const abort = (): void => late.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([attempt(), late.promise]);
  } catch (error) {
    if (signal.aborted) {
      return { endpoint, state: listens ? "silent" : "absent", reason: "no answer" };
    }
    if (listens) return { endpoint, state: "absent", reason: `no BuildKit: ${reasonOf(error)}` };
    return { endpoint, state: "absent", ...whyAbsent(error) };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** What is not installed needs no advice on how to be allowed to use it. */
function whyAbsent(error: unknown): {
  readonly reason: string;
  readonly hint?: string | undefined;
} {
  const { cause } = error instanceof HiveError ? error : { cause: undefined };
  if (!(cause instanceof Error)) return dialReason(error);
  const { reason, hint } = dialReason(error);
  return dialReason(cause).reason === "no such socket" ? { reason } : { reason, hint };
}
