import { HiveError } from "../../base/hive-error.ts";
import type { Digest } from "../../oci/digest.ts";
import type { AnswerBody } from "../answer-body.ts";
import { contentLength } from "../content-length.ts";
import { readBlob } from "./read-blob.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "../remote-client.ts";

export type FetchedBlob = {
  /** Bytes; undefined where the registry does not say. */
  readonly size: number | undefined;
  /** Not verified. Goes on where a connection broke, some times, if the size is known. */
  readonly content: ReadableStream<Uint8Array>;
};

/** Starts to read a blob of which no more than the digest is known; undefined when there is none. */
export async function fetchBlob(
  client: RemoteClient,
  repository: string,
  digest: Digest,
  signal: AbortSignal,
): Promise<FetchedBlob | undefined> {
  const { status, headers, body } = await client.call({
    method: "GET",
    ...blobCall(client, repository, digest),
    streamed: [200],
    signal,
  });
  if (status === 404 || body === undefined) return undefined;
  const size = contentLength(headers);
  const chunks = goOn(client, { repository, digest, size, body, signal });
  const content = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        body.cancel();
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return { size, content };
}

/** Bytes of a blob; undefined when there is none, or the registry does not say. */
export async function blobSize(
  client: RemoteClient,
  repository: string,
  digest: Digest,
): Promise<number | undefined> {
  const { status, headers } = await client.call({
    method: "HEAD",
    ...blobCall(client, repository, digest),
  });
  return status === 404 ? undefined : contentLength(headers);
}

type Reading = {
  readonly repository: string;
  readonly digest: Digest;
  readonly size: number | undefined;
  readonly body: AnswerBody;
  readonly signal: AbortSignal;
};

async function* goOn(
  client: RemoteClient,
  { repository, digest, size, body, signal }: Reading,
): AsyncGenerator<Uint8Array, undefined> {
  let position = 0;
  try {
    for (;;) {
      const chunk = await body.read();
      if (chunk === undefined) break;
      position += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    const isBroken = error instanceof HiveError && error.kind === "unreachable";
    if (!isBroken || size === undefined || signal.aborted) throw error;
  } finally {
    body.cancel();
  }
  if (size === undefined || position >= size) return undefined;
  const rest = { digest, size, mediaType: "application/octet-stream" };
  yield* readBlob(client, repository, rest, { offset: position, signal });
  return undefined;
}

function blobCall(client: RemoteClient, repository: string, digest: Digest) {
  return {
    path: repositoryPath(repository, `blobs/${digest}`),
    scope: repositoryScope(repository, "pull"),
    action: `read the blob ${digest}`,
    limit: client.endpoint.limits.errorSize,
    expected: [200, 404],
  } as const;
}
