import { setTimeout as sleep } from "node:timers/promises";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { exchange, type HttpAnswer, type HttpRequest } from "./exchange.ts";

const busy = new Set([429, 502, 503, 504]);

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
  const signal = request.signal ?? endpoint.signal;
  for (let attempt = 1; ; attempt++) {
    // What is streamed there is for who streams it to send again.
    const last = attempt >= limits.attempts || typeof request.body === "function";
    const answer = await exchange(endpoint, request).catch((error: unknown) => {
      if (last || !mayTryAgain(request, error)) throw error;
      return undefined;
    });
    if (answer !== undefined && (last || !asksAgain(request, answer))) return answer;
    const asked = answer === undefined ? undefined : retryAfter(answer.headers);
    if (answer !== undefined && asked !== undefined && asked > limits.longestDelay) return answer;
    answer?.body?.cancel();
    // Spread, so that those who were refused together do not come back together.
    const own = limits.firstDelay * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    await sleep(Math.max(own, asked ?? 0), undefined, { signal }).catch(() => undefined);
    endpoint.signal.throwIfAborted();
    signal.throwIfAborted();
  }
}

/** Milliseconds that `Retry-After` asks to wait, be it seconds or a date. */
export function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after") ?? "";
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function asksAgain({ method }: HttpRequest, { status }: HttpAnswer): boolean {
  if (method === "DELETE") return status === 429 || status === 503;
  return busy.has(status);
}

function mayTryAgain({ method }: HttpRequest, error: unknown): boolean {
  if (method === "DELETE" || !(error instanceof HiveError)) return false;
  return systemErrorCode(error.cause) === "ECONNRESET";
}
