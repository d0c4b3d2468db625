import { setTimeout as sleep } from "node:timers/promises";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { exchange, type HttpAnswer, type HttpRequest } from "./exchange.ts";

const busy = new Set([408, 429, 500, 502, 503, 504]);

/** Of connections that were there, or may be in a moment. */
const passing = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"]);

/**
 * An exchange that is tried again, some times, when the registry is busy or a connection breaks. What deletes is only
 * sent again where the answer says that it was not done; what writes may be done twice.
 * @returns The last answer, which may be one of being busy.
 */
export async function exchangeWithRetries(
  endpoint: Endpoint,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { limits } = endpoint;
  const attempts = request.once === true ? 1 : limits.attempts;
  for (let attempt = 1; ; attempt++) {
    const last = attempt >= attempts;
    const answer = await exchange(endpoint, request).catch((error: unknown) => {
      if (last || !mayTryAgain(request, error)) throw error;
      return undefined;
    });
    if (answer !== undefined && (last || !asksAgain(request, answer))) return answer;
    const asked = answer === undefined ? undefined : retryAfter(answer.headers);
    if (answer !== undefined && asked !== undefined && asked > limits.longestDelay) return answer;
    answer?.body?.cancel();
    await waitForAttempt(endpoint, attempt, { asked, signal: request.signal });
  }
}

/** Whether an answer says that the same may go well in a while. */
export function isBusy({ status }: HttpAnswer): boolean {
  return busy.has(status);
}

/**
 * Waits after an attempt that failed: longer with each, spread, so that those who were refused together do not come back
 * together.
 * @param asked milliseconds that the registry asks to wait at least; no more than the longest is waited
 */
export async function waitForAttempt(
  { limits, signal: whole }: Endpoint,
  attempt: number,
  {
    asked = 0,
    signal,
  }: { readonly asked?: number | undefined; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const ends = signal === undefined ? whole : AbortSignal.any([whole, signal]);
  const own = limits.firstDelay * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
  const wait = Math.min(Math.max(own, asked), limits.longestDelay);
  await sleep(wait, undefined, { signal: ends }).catch(() => undefined);
  ends.throwIfAborted();
}

/** Milliseconds that `Retry-After` asks to wait, be it seconds or a date; of a date by the clock of who sent it. */
export function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after") ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const now = Date.parse(headers.get("date") ?? "");
  const wait = Date.parse(text) - (Number.isNaN(now) ? Date.now() : now);
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function asksAgain({ method }: HttpRequest, { status }: HttpAnswer): boolean {
  if (method === "DELETE") return status === 429 || status === 503;
  return busy.has(status);
}

function mayTryAgain({ method }: HttpRequest, error: unknown): boolean {
  if (method === "DELETE" || !(error instanceof HiveError)) return false;
  return passing.has(systemErrorCode(error.cause) ?? "");
}
