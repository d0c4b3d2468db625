import { formatBytes } from "../base/format-bytes.ts";
import { HiveError } from "../base/hive-error.ts";
import { contentLength } from "./content-length.ts";
import type { RemoteLimits } from "./remote-limits.ts";
import type { Watchdog } from "./watchdog.ts";

/** The body of an answer as it comes. */
export type AnswerBody = {
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Nobody wants more of it: the connection ends. */
  cancel(): void;
};

/**
 * Only waiting for it counts as a stall, not what is done with it in between. What is not read is not taken from the
 * connection, but for what fits into its buffers. What drips counts as a stall as well, in the end. One that says that it is
 * small comes in one piece: a stream costs more than its bytes.
 */
export function answerBody(
  response: Response,
  watchdog: Watchdog,
  {
    stall,
    whole,
    progress,
    smallBlob,
  }: Pick<RemoteLimits, "stall" | "whole" | "progress" | "smallBlob">,
  explained: (error: unknown) => unknown,
): AnswerBody {
  // What is packed is longer than it says.
  const length = response.headers.has("content-encoding")
    ? undefined
    : contentLength(response.headers);
  const isSmall = length !== undefined && length <= smallBlob;
  const reader = isSmall ? undefined : response.body?.getReader();
  let isRead = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    if (!isSmall) return (await reader?.read())?.value;
    if (isRead) return undefined;
    isRead = true;
    const bytes = await response.bytes();
    return bytes.byteLength === 0 ? undefined : bytes;
  };
  // Since so many bytes came that it was worth waiting for them.
  let waited = 0;
  let came = 0;

  function requireProgress(bytes: number, time: number): void {
    waited += time;
    came += bytes;
    if (came >= progress) waited = came = 0;
    if (waited <= whole) return;
    const text = `no more than ${formatBytes(came)} came in ${whole / 1000} s`;
    const error = new DOMException(text, "TimeoutError");
    watchdog.abort(error);
    throw error;
  }
  return {
    async read() {
      watchdog.expect(stall, "nothing came");
      const start = performance.now();
      try {
        const chunk = await next();
        if (chunk === undefined) watchdog.end();
        else watchdog.rest();
        requireProgress(chunk?.byteLength ?? progress, performance.now() - start);
        return chunk;
      } catch (error) {
        watchdog.end();
        throw explained(error);
      }
    },
    cancel() {
      reader?.cancel().catch(() => undefined);
      watchdog.abort(new DOMException("nobody wants more of it", "AbortError"));
    },
  };
}

/**
 * @param time milliseconds that it may take in all
 * @throws HiveError "failed" for more than `limit` bytes; DOMException "TimeoutError"
 */
export async function readAll(
  body: AnswerBody,
  { limit, time, url }: { readonly limit: number; readonly time: number; readonly url: URL },
): Promise<Uint8Array> {
  const end = performance.now() + time;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    size += chunk.byteLength;
    if (performance.now() > end) {
      body.cancel();
      throw new DOMException(`its answer had no end after ${time / 1000} s`, "TimeoutError");
    }
    if (size > limit) {
      body.cancel();
      throw new HiveError("failed", `The answer of ${url.host} is longer than ${limit} bytes`, {
        hint: "Is it a registry?",
      });
    }
    chunks.push(chunk);
  }
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}
