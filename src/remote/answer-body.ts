import { HiveError } from "../base/hive-error.ts";
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
 * connection, but for what fits into its buffers. One that says that it is small comes in one piece: a stream costs more
 * than its bytes.
 */
export function answerBody(
  response: Response,
  watchdog: Watchdog,
  { stall, smallBlob }: RemoteLimits,
  explained: (error: unknown) => unknown,
): AnswerBody {
  const isSmall = lengthOf(response) <= smallBlob;
  const reader = isSmall ? undefined : response.body?.getReader();
  let isRead = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    if (!isSmall) return (await reader?.read())?.value;
    if (isRead) return undefined;
    isRead = true;
    const bytes = await response.bytes();
    return bytes.byteLength === 0 ? undefined : bytes;
  };
  return {
    async read() {
      watchdog.expect(stall, "nothing came");
      try {
        const chunk = await next();
        if (chunk === undefined) watchdog.end();
        else watchdog.rest();
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

/** Infinite where it does not say, or means bytes that are packed. */
function lengthOf({ headers }: Response): number {
  const length = headers.get("content-length");
  if (length === null || headers.has("content-encoding")) return Number.POSITIVE_INFINITY;
  return Number(length);
}

/** @throws HiveError "failed" for more than `limit` bytes */
export async function readAll(body: AnswerBody, limit: number, url: URL): Promise<Uint8Array> {
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
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}
