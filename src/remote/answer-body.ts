import { HiveError } from "../base/hive-error.ts";
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
 * connection, but for what fits into its buffers.
 * @param stall milliseconds in which it may bring nothing
 */
export function answerBody(
  response: Response,
  watchdog: Watchdog,
  stall: number,
  explained: (error: unknown) => unknown,
): AnswerBody {
  const reader = response.body?.getReader();
  return {
    async read() {
      watchdog.expect(stall, "nothing came");
      try {
        const chunk = (await reader?.read())?.value;
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
  return Buffer.concat(chunks);
}
