import { createDeadline } from "../base/deadline.ts";
import type { Tap } from "./tap-stream.ts";

/** An HTTP/1.1 answer without its body. */
export type AnswerHead = {
  readonly status: number;
  /** By lower-case name; of several with one name, the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** What came with its end. */
  readonly behind: Uint8Array;
};

type Source = Pick<Tap, "read">;

/** An answer's head is small; what never ends is none. */
const headLimit = 16 * 1024;

/** A refusal says why in a line or two. */
const bodyLimit = 64 * 1024;

/**
 * Reads the head of an answer; those that only say that it is on its way are passed over.
 * @throws Error for what is no HTTP, and when the peer closes
 */
export async function readAnswerHead(source: Source): Promise<AnswerHead> {
  let bytes: Uint8Array = new Uint8Array();
  for (;;) {
    const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf("\r\n\r\n");
    if (end !== -1) {
      const head = parseHead(bytes.subarray(0, end), bytes.subarray(end + 4));
      if (head.status >= 200 || head.status === 101) return head;
      bytes = head.behind;
      continue;
    }
    if (bytes.length > headLimit) throw new Error("the answer is no HTTP");
    const chunk = await source.read();
    if (chunk === undefined) throw new Error("the connection was closed");
    bytes = Buffer.concat([bytes, chunk]);
  }
}

function parseHead(head: Uint8Array, behind: Uint8Array): AnswerHead {
  const [first = "", ...lines] = Buffer.from(head).toString("latin1").split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw new Error("the answer is no HTTP");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(status), headers: new Map(headers), behind };
}

/**
 * The text behind the head of a refusal: as long as the head says, in chunks, or until the peer closes.
 * Of one that breaks off, is too long or too slow, what there is.
 * @param options milliseconds for it, and what ends it
 * @throws the signal's reason
 */
export async function readAnswerText(
  source: Source,
  head: AnswerHead,
  options: { readonly signal: AbortSignal | undefined; readonly timeout: number },
): Promise<string> {
  using deadline = createDeadline(options);
  let bytes: Uint8Array = head.behind;
  for (;;) {
    const { text, isWhole } = bodyIn(bytes, head.headers);
    if (isWhole || bytes.length > bodyLimit) return text;
    const chunk = await Promise.race([source.read(), deadline.passed]).catch(() => undefined);
    options.signal?.throwIfAborted();
    if (chunk === undefined) return text;
    bytes = Buffer.concat([bytes, chunk]);
  }
}

function bodyIn(
  bytes: Uint8Array,
  headers: AnswerHead["headers"],
): { readonly text: string; readonly isWhole: boolean } {
  if (/\bchunked\b/i.test(headers.get("transfer-encoding") ?? "")) return joinChunks(bytes);
  const length = Number(headers.get("content-length") ?? Infinity);
  return {
    text: Buffer.from(bytes.subarray(0, length)).toString("utf8"),
    isWhole: bytes.length >= length,
  };
}

/** RFC 9112, section 7.1. What is cut off in the middle counts, too. */
function joinChunks(bytes: Uint8Array): { readonly text: string; readonly isWhole: boolean } {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let isWhole = false;
  for (let at = 0; at < all.length;) {
    const lineEnd = all.indexOf("\r\n", at);
    const size = /^[\dA-Fa-f]{1,8}/.exec(all.toString("latin1", at, at + 16))?.[0];
    if (lineEnd === -1 || size === undefined) break;
    isWhole = Number.parseInt(size, 16) === 0;
    if (isWhole) break;
    const end = lineEnd + 2 + Number.parseInt(size, 16);
    parts.push(all.subarray(lineEnd + 2, end));
    at = end + 2;
  }
  return { text: Buffer.concat(parts).toString("utf8"), isWhole };
}
