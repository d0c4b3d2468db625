import { HiveError } from "../base/hive-error.ts";
import { type AnswerBody, answerBody, readAll } from "./answer-body.ts";
import { connectionError } from "./connection-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { proxyFor } from "./proxy-for.ts";
import { redirectTarget } from "./redirect-target.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

export type HttpRequest = {
  readonly method: "GET" | "HEAD" | "DELETE" | "POST" | "PUT" | "PATCH";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | Uint8Array<ArrayBuffer> | OpenBody;
  /** Bytes of the answer's body. */
  readonly limit: number;
  /** Milliseconds until the answer starts, when the request is there as a whole; the limit of all unless told otherwise. */
  readonly patience?: number;
  /** It is not sent a second time, whatever comes: who sends it knows how to go on. */
  readonly once?: boolean;
  /** Answers with this status come with their body yet to be read, and as it was sent. */
  readonly streamed?: readonly number[];
  /** Ends this exchange, as the endpoint's signal does. */
  readonly signal?: AbortSignal | undefined;
};

/** Opens what is to be sent. It may be left before its end, and is cancelled then. */
export type OpenBody = (pace: SendingPace) => ReadableStream<Uint8Array>;

/** What a body that is sent as it comes has to tell, for a stall to be seen where it is. */
export type SendingPace = {
  /** The next bytes are wanted, and yet to come from elsewhere: that is no stall of who takes them. */
  readonly wanted: () => void;
  /** Some are handed over, and more are there. */
  readonly handedOver: () => void;
  /** All are handed over. */
  readonly ended: () => void;
};

/** An answer that is there as a whole, unless it was to be streamed. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** What is yet to be read, of an answer that was to be streamed; who gets it reads it to its end or cancels it. */
  readonly body?: AnswerBody;
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** What was shown to get it; a token may be the second one, after the first was refused. */
  readonly shown?: "nothing" | "password" | "token";
  /** What of that nobody else may see: who answers may have put it into the answer. */
  readonly secrets?: readonly string[];
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
  const parents = request.signal === undefined ? [] : [request.signal];
  parents.push(endpoint.signal);
  const watchdog = createWatchdog(parents);
  let { url } = request;
  const explained = (error: unknown): unknown => {
    const parent = parents.find(({ aborted }) => aborted);
    if (parent !== undefined) return parent.reason;
    return error instanceof HiveError ? error : connectionError(endpoint.address, url, error);
  };
  let isHandedOn = false;
  try {
    for (let hop = 0; ; hop++) {
      watchdog.expect(request.patience ?? limits.answer, "nothing came");
      const response = await send(endpoint, request, url, watchdog);
      const target = redirectTarget(endpoint, request.method, url, response);
      if (target === undefined) {
        const { status, headers } = response;
        const body = answerBody(response, watchdog, limits, explained);
        if (request.streamed?.includes(status) === true) {
          watchdog.rest();
          isHandedOn = true;
          return { status, headers, bytes: new Uint8Array(), body, url };
        }
        const { limit } = request;
        const bytes = await readAll(body, { limit, time: limits.whole, url });
        return { status, headers, bytes, url };
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
    if (!isHandedOn) watchdog.end();
  }
}

async function send(
  endpoint: Endpoint,
  { method, url: asked, headers = {}, body, streamed, patience }: HttpRequest,
  url: URL,
  watchdog: Watchdog,
): Promise<Response> {
  const { trusted, limits } = endpoint;
  const sent = new Headers(headers);
  // Digests are of the bytes as they are stored.
  sent.set("Accept-Encoding", "identity");
  sent.set("User-Agent", "hive");
  if (url.origin !== asked.origin) sent.delete("Authorization");
  // Bun asks the proxy of the environment for loopback as well, and takes `false` for "none", which its types don't know.
  const proxy: object = { proxy: proxyFor(url, process.env) ?? false };
  const pace = {
    wanted: () => watchdog.rest(),
    handedOver: () => watchdog.expect(limits.stall, "nothing was taken"),
    ended: () => watchdog.expect(patience ?? limits.answer, "nothing came"),
  };
  const content = typeof body === "function" ? body(pace) : body;
  return await fetch(url, {
    method,
    headers: sent,
    redirect: "manual",
    signal: watchdog.signal,
    ...(content === undefined ? {} : { body: content }),
    ...(streamed === undefined ? {} : { decompress: false }),
    ...(trusted === undefined ? {} : { tls: { ca: [...trusted] } }),
    ...proxy,
  });
}
