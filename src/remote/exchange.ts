import { HiveError } from "../base/hive-error.ts";
import { connectionError } from "./connection-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { redirectTarget } from "./redirect-target.ts";
import { isLoopback } from "./registry-address.ts";

export type HttpRequest = {
  readonly method: "GET" | "HEAD" | "DELETE" | "POST" | "PUT";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | Uint8Array<ArrayBuffer>;
  /** Bytes of the answer's body. */
  readonly limit: number;
};

/** An answer that is there as a whole. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** Where it came from, after redirects. */
  readonly url: URL;
};

/** More redirects than any registry needs to get to its storage. */
const redirectLimit = 5;

/** Ends what brings nothing for too long. */
type Watchdog = Disposable & { readonly signal: AbortSignal; restart(limit: number): void };

/**
 * One request and its answer, redirects of GET and HEAD followed. `Authorization` stays with the origin that the
 * request was for.
 * @throws HiveError "unreachable" when nobody answers, or not to the end; "failed" for an answer that is too long.
 */
export async function exchange(endpoint: Endpoint, request: HttpRequest): Promise<HttpAnswer> {
  const { limits, signal } = endpoint;
  using watchdog = createWatchdog(signal);
  let { url } = request;
  try {
    for (let hop = 0; ; hop++) {
      watchdog.restart(limits.answer);
      const response = await send(endpoint, request, url, watchdog.signal);
      const target = redirectTarget(endpoint, request.method, url, response);
      if (target === undefined) {
        const bytes = await readBody(response, request.limit, () => watchdog.restart(limits.stall));
        return { status: response.status, headers: response.headers, bytes, url };
      }
      await response.body?.cancel();
      if (hop === redirectLimit) {
        throw new HiveError("failed", `${url.host} redirects in circles`, {
          hint: "This is for those who run the registry to mend.",
        });
      }
      url = target;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HiveError ? error : connectionError(endpoint.address, url, error);
  }
}

async function send(
  { trusted }: Endpoint,
  { method, url: asked, headers = {}, body }: HttpRequest,
  url: URL,
  signal: AbortSignal,
): Promise<Response> {
  const sent = new Headers(headers);
  // Digests are of the bytes as they are stored.
  sent.set("Accept-Encoding", "identity");
  sent.set("User-Agent", "hive");
  if (url.origin !== asked.origin) sent.delete("Authorization");
  // Bun asks the proxy of the environment for loopback as well, and takes `false` for "none", which its types don't know.
  const direct: object = isLoopback(url.hostname) ? { proxy: false } : {};
  return await fetch(url, {
    method,
    headers: sent,
    redirect: "manual",
    signal,
    ...(body === undefined ? {} : { body }),
    ...(trusted === undefined ? {} : { tls: { ca: [...trusted] } }),
    ...direct,
  });
}

async function readBody(
  response: Response,
  limit: number,
  progress: () => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  progress();
  for await (const chunk of response.body ?? []) {
    progress();
    size += chunk.byteLength;
    if (size > limit) {
      throw new HiveError(
        "failed",
        `The answer of ${new URL(response.url).host} is longer than ${limit} bytes`,
        { hint: "Is it a registry?" },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function createWatchdog(parent: AbortSignal): Watchdog {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    signal: AbortSignal.any([parent, controller.signal]),
    restart(limit) {
      clearTimeout(timer);
      const expire = (): void =>
        controller.abort(new DOMException(`nothing came for ${limit / 1000} s`, "TimeoutError"));
      timer = setTimeout(expire, limit);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
