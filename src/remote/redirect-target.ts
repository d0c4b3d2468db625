import { HiveError } from "../base/hive-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { isThisMachine } from "./registry-address.ts";

const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Where an answer sends a request; undefined when it is the answer itself. Only what reads is sent elsewhere.
 * @throws HiveError "failed" for a place that a registry has no business to send us to.
 */
export function redirectTarget(
  { address }: Endpoint,
  method: string,
  from: URL,
  response: Response,
): URL | undefined {
  if (!redirects.has(response.status) || (method !== "GET" && method !== "HEAD")) return undefined;
  const target = URL.parse(response.headers.get("location") ?? "", from.href);
  const reason = placeProblem(target, from, address.loopback);
  if (target !== null && reason === undefined) return target;
  throw new HiveError("failed", `${from.host} redirects to ${reason ?? "nowhere"}`, {
    hint: "This is for those who run the registry to mend.",
  });
}

/** Why a registry has no business to send us from `from` to `target`, as "... to plain HTTP"; undefined: it may. */
export function placeProblem(target: URL | null, from: URL, loopback: boolean): string | undefined {
  if (target === null) return "nowhere";
  if (target.protocol !== "https:" && target.protocol !== "http:") return "what is no web address";
  // What was asked for over TLS must not come without it.
  if (from.protocol === "https:" && target.protocol === "http:") return "plain HTTP";
  // A registry elsewhere may not look around on this machine.
  if (isThisMachine(target.hostname) && !loopback) return "this machine's own services";
  return undefined;
}
