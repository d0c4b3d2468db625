import { createDeadline } from "../base/deadline.ts";
import { jsonMessage } from "../base/json-message.ts";
import { printable } from "../base/printable.ts";
import type { ByteStream } from "./byte-stream.ts";
import { tapStream } from "./tap-stream.ts";
import { UpgradeRefused } from "./upgrade-refused.ts";
import { type AnswerHead, readAnswerHead, readAnswerText } from "./upgrade-answer.ts";

export type UpgradeRequest = {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** What the connection is to become. */
  readonly protocol: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the answer's head. */
  readonly timeout: number;
  /** Whether the answer agrees to the upgrade; as engines do it when absent. What it throws is thrown. */
  readonly accept?: (head: AnswerHead) => boolean;
};

/** For the words of a refusal, which come with it. */
const textTime = 2_000;

/**
 * Sends an HTTP/1.1 request with `Connection: Upgrade` (RFC 9110, section 7.8) and gives the stream that its connection becomes.
 * By hand, because what comes right behind the answer belongs to the stream. Closes `stream` when it fails.
 * @throws UpgradeRefused with what the server says; Error for an answer that is none, a TimeoutError, the signal's reason
 */
export async function upgradeStream(
  stream: ByteStream,
  request: UpgradeRequest,
): Promise<ByteStream> {
  const { host, signal, timeout, accept = isUpgrade } = request;
  using deadline = createDeadline({ signal, timeout });
  try {
    signal?.throwIfAborted();
    const tap = tapStream(stream);
    stream.write(renderRequest(request));
    const head = await Promise.race([readAnswerHead(tap), deadline.passed]);
    if (accept(head)) return tap.rest(head.behind);
    const text = await readAnswerText(tap, head, { signal, timeout: textTime });
    throw new UpgradeRefused(host, head.status, saidIn(text));
  } catch (error) {
    stream.close();
    throw error;
  }
}

function renderRequest({
  method,
  path,
  host,
  protocol,
  headers,
  body,
}: UpgradeRequest): Uint8Array {
  const lines = {
    Host: host,
    Connection: "Upgrade",
    Upgrade: protocol,
    "Content-Length": String(Buffer.byteLength(body ?? "")),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...headers,
  };
  const written = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${written.join("")}\r\n${body ?? ""}`);
}

/** Engines answer 101; where the wish for another protocol got lost on the way, 200 and the type of a raw stream. */
function isUpgrade({ status, headers }: AnswerHead): boolean {
  if (status === 101) return true;
  const type = headers.get("content-type") ?? "";
  return status === 200 && /^application\/vnd\.docker\.(?:raw|multiplexed)-stream\b/i.test(type);
}

/** The message of an engine's error, which is JSON; else the text, as far as somebody may want to read it. */
function saidIn(text: string): string {
  return printable((jsonMessage(text) ?? text.slice(0, 500)).trim());
}
