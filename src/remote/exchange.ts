import { HiveError } from "../base/hive-error.ts";
import { connectionError } from "./connection-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { redirectTarget } from "./redirect-target.ts";
import { isLoopback } from "./registry-address.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

export type HttpRequest = {
  readonly method: "GET" | "HEAD" | "DELETE" | "POST" | "PUT" | "PATCH";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | Uint8Array<ArrayBuffer> | OpenBody;
  /** Bytes of the answer's body. */
  readonly limit: number;
  /** Answers with this status come with their body yet to be read. */
  readonly streamed?: readonly number[];
  /** Ends this exchange, as the endpoint's signal does. */
  readonly signal?: AbortSignal | undefined;
};

/** Opens what is to be sent; `progress` has to be called whenever some of it is taken. */
export type OpenBody = (progress: () => void) => Blob | ReadableStream<Uint8Array>;

/** An answer that is there as a whole, unless it was to be streamed. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** What is yet to be read, of an answer that was to be streamed; who gets it reads it to its end or cancels it. */
  readonly body?: AnswerBody;
  /** Where it came from, after redirects. */
  readonly url: URL;
};

export type AnswerBody = {
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  cancel(): void;
};

/** More redirects than any registry needs to get to its storage. */
const redirectLimit = 5;

/**
 * One request and its answer, redirects of GET and HEAD followed. `Authorization` stays with the origin that the
 * request was for.
 * @throws HiveError "unreachable" when nobody answers, or not to the end; "failed" for an answer that is too long.
 */
export async function exchange(endpoint: Endpoint, request: HttpRequest): Promise<HttpAnswer> {
  const { limits } = endpoint;
  const parents = [endpoint.signal, ...(request.signal === undefined ? [] : [request.signal])];
  const watchdog = createWatchdog(parents);
  let { url } = request;
  const explained = (error: unknown): unknown => {
    for (const parent of parents) if (parent.aborted) return parent.reason;
    return error instanceof HiveError ? error : connectionError(endpoint.address, url, error);
  };
  let isHandedOn = false;
  try {
    for (let hop = 0; ; hop++) {
      watchdog.restart(limits.answer);
      const response = await send(endpoint, request, url, watchdog);
      const target = redirectTarget(endpoint, request.method, url, response);
      if (target === undefined) {
        const { status, headers } = response;
        const body = answerBody(response, watchdog, limits.stall, explained);
        if (request.streamed?.includes(status) === true) {
          isHandedOn = true;
          return { status, headers, bytes: new Uint8Array(), body, url };
        }
        return { status, headers, bytes: await readAll(body, request.limit, url), url };
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
    throw explained(error);
  } finally {
    if (!isHandedOn) watchdog.rest();
  }
}

async function send(
  { trusted, limits }: Endpoint,
  { method, url: asked, headers = {}, body }: HttpRequest,
  url: URL,
  watchdog: Watchdog,
): Promise<Response> {
  const sent = new Headers(headers);
  // Digests are of the bytes as they are stored.
  sent.set("Accept-Encoding", "identity");
  sent.set("User-Agent", "hive");
  if (url.origin !== asked.origin) sent.delete("Authorization");
  // Bun asks the proxy of the environment for loopback as well, and takes `false` for "none", which its types don't know.
  const direct: object = isLoopback(url.hostname) ? { proxy: false } : {};
  const content =
    typeof body === "function" ? body(() => watchdog.restart(limits.answer)) : (body ?? null);
  return await fetch(url, {
    method,
    headers: sent,
    redirect: "manual",
    signal: watchdog.signal,
    ...(content === null ? {} : { body: content }),
    ...(trusted === undefined ? {} : { tls: { ca: [...trusted] } }),
    ...direct,
  });
}

/** Only waiting for it counts as a stall, not what is done with it in between. */
function answerBody(
  response: Response,
  watchdog: Watchdog,
  stall: number,
  explained: (error: unknown) => unknown,
): AnswerBody {
  const reader = response.body?.getReader();
  return {
    async read() {
      watchdog.restart(stall);
      try {
        return (await reader?.read())?.value;
      } catch (error) {
        throw explained(error);
      } finally {
        watchdog.rest();
      }
    },
    cancel() {
      reader?.cancel().catch(() => undefined);
      watchdog.abort(new DOMException("nobody wants more of it", "AbortError"));
    },
  };
}

async function readAll(body: AnswerBody, limit: number, url: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    size += chunk.byteLength;
    if (size > limit) {
      body.cancel();
      throw new HiveError("failed", `The answer of ${url.host} is longer than ${limit} bytes`, {
        hint: "Is it a registry?",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
