import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestAlgorithm, digestHex } from "../../oci/digest.ts";
import type { AnswerBody } from "../answer-body.ts";
import { createAttempts } from "./attempts.ts";
import { openBlobAt } from "./open-blob-at.ts";
import type { RemoteClient } from "../remote-client.ts";

type ReadOptions = {
  readonly offset?: number;
  /** Whether its digest is compared; not where it goes on to who compares it anyway. Its size always is. */
  readonly verify?: boolean;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Streams a blob from `offset` on, and reads no further than it is read. Goes on where a connection broke, stalled or ended
 * too early. When all of it came by, the last bytes are only handed on if the digest is right.
 * @throws HiveError in the stream: "failed" also when the bytes are not those of the descriptor
 */
export function readBlob(
  client: RemoteClient,
  repository: string,
  { digest, size }: Descriptor,
  { offset = 0, verify = true, signal }: ReadOptions = {},
): ReadableStream<Uint8Array> {
  const { endpoint } = client;
  const hasher = verify && offset === 0 ? new Bun.CryptoHasher(digestAlgorithm(digest)) : undefined;
  const attempts = createAttempts(endpoint, signal);
  let position = offset;
  let body: AnswerBody | undefined;
  let hasStarted = false;
  let isOver = false;

  function drop(): void {
    body?.cancel();
    body = undefined;
  }

  /** Undefined when it has to be tried again. */
  async function nextChunk(): Promise<Uint8Array | undefined> {
    let error: unknown;
    try {
      body ??= await openBlobAt(client, repository, { digest, size }, position, signal);
      hasStarted = true;
      const chunk = await body.read();
      if (chunk !== undefined) return chunk;
      error = new HiveError("unreachable", brokenOff(endpoint.address.host, digest, position), {
        hint: "Try again.",
      });
    } catch (thrown) {
      error = thrown;
    }
    drop();
    signal?.throwIfAborted();
    endpoint.signal.throwIfAborted();
    const mayGoOn = error instanceof HiveError && error.kind === "unreachable";
    if (!mayGoOn || !hasStarted || isOver) throw error;
    await attempts.failed(error);
    return undefined;
  }

  /** What came last is right, and nothing comes after it. */
  async function check(): Promise<void> {
    // Where the end does not come after the last byte, the digest says enough.
    const extra = await body?.read().catch(() => undefined);
    signal?.throwIfAborted();
    endpoint.signal.throwIfAborted();
    if (extra === undefined) body = undefined;
    else throw otherBytes(endpoint.address.host, digest, "more");
    if (hasher !== undefined && hasher.digest("hex") !== digestHex(digest)) {
      throw otherBytes(endpoint.address.host, digest, "other");
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          while (position < size) {
            const chunk = await nextChunk();
            if (isOver) return;
            if (chunk === undefined) continue;
            position += chunk.byteLength;
            if (position > size) throw otherBytes(endpoint.address.host, digest, "more");
            hasher?.update(chunk);
            attempts.reached(position - offset);
            if (position === size) await check();
            controller.enqueue(chunk);
            if (position === size) controller.close();
            return;
          }
          await check();
          controller.close();
        } catch (error) {
          drop();
          throw error;
        }
      },
      cancel() {
        isOver = true;
        drop();
      },
    },
    { highWaterMark: 0 },
  );
}

function brokenOff(host: string, digest: string, position: number): string {
  return `${host} broke off after ${position} bytes of ${digest}`;
}

function otherBytes(host: string, digest: string, what: "more" | "other"): HiveError {
  return new HiveError("failed", `${host} sent ${what} bytes than those of ${digest}`, {
    hint: "Try again; if it stays so, the content is damaged there or on the way.",
  });
}
