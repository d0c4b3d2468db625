import { HiveError } from "../base/hive-error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestAlgorithm, digestHex } from "../oci/digest.ts";
import type { AnswerBody } from "./exchange.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "./remote-client.ts";

type ReadOptions = { readonly offset?: number; readonly signal?: AbortSignal };

/**
 * Streams a blob from `offset` on. Goes on where a connection broke; what comes is checked at the end.
 * @throws HiveError in the stream: "failed" also when the bytes are not those of the descriptor
 */
export function readBlob(
  client: RemoteClient,
  repository: string,
  descriptor: Descriptor,
  { offset = 0, signal }: ReadOptions = {},
): ReadableStream<Uint8Array> {
  const chunks = blobChunks(client, repository, descriptor, offset, signal);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* blobChunks(
  client: RemoteClient,
  repository: string,
  { digest, size }: Descriptor,
  offset: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, undefined> {
  const { address, limits } = client.endpoint;
  const hasher = offset === 0 ? new Bun.CryptoHasher(digestAlgorithm(digest)) : undefined;
  let position = offset;
  let failures = 0;
  let body: AnswerBody | undefined;
  try {
    while (position < size) {
      let chunk: Uint8Array | undefined;
      try {
        body ??= await openAt(client, repository, digest, position, signal);
        chunk = await body.read();
      } catch (error) {
        body?.cancel();
        body = undefined;
        signal?.throwIfAborted();
        client.endpoint.signal.throwIfAborted();
        failures++;
        const isBroken = error instanceof HiveError && error.kind === "unreachable";
        if (!isBroken || failures >= limits.attempts) throw error;
        continue;
      }
      if (chunk === undefined) {
        body = undefined;
        failures++;
        if (failures < limits.attempts) continue;
        throw damaged(address.host, digest);
      }
      failures = 0;
      position += chunk.byteLength;
      if (position > size) throw damaged(address.host, digest);
      hasher?.update(chunk);
      yield chunk;
    }
    if (hasher !== undefined && hasher.digest("hex") !== digestHex(digest)) {
      throw damaged(address.host, digest);
    }
  } finally {
    body?.cancel();
  }
  return undefined;
}

async function openAt(
  client: RemoteClient,
  repository: string,
  digest: Descriptor["digest"],
  position: number,
  signal: AbortSignal | undefined,
): Promise<AnswerBody> {
  const answer = await client.call({
    method: "GET",
    path: repositoryPath(repository, `blobs/${digest}`),
    scope: repositoryScope(repository, "pull"),
    action: `read the blob ${digest}`,
    limit: 64 * 1024,
    ...(position === 0 ? {} : { range: `bytes=${position}-` }),
    streamed: [200, 206],
    signal,
    expected: [200, 206],
  });
  const { body } = answer;
  if (body === undefined) throw new Error("the answer was not streamed");
  if (answer.status === 200) {
    for (let skipped = 0; skipped < position;) {
      const chunk = await body.read();
      if (chunk === undefined) break;
      skipped += chunk.byteLength;
      if (skipped > position)
        return withFirst(chunk.subarray(chunk.byteLength - (skipped - position)), body);
    }
  }
  return body;
}

function withFirst(first: Uint8Array, body: AnswerBody): AnswerBody {
  let rest: Uint8Array | undefined = first;
  return {
    async read() {
      const chunk = rest ?? (await body.read());
      rest = undefined;
      return chunk;
    },
    cancel: () => body.cancel(),
  };
}

function damaged(host: string, digest: string): HiveError {
  return new HiveError("failed", `${host} sent other bytes than those of ${digest}`, {
    hint: "Try again; if it stays so, the content is damaged there or on the way.",
  });
}
