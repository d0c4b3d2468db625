import { HiveError } from "../base/hive-error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { HttpAnswer } from "./exchange.ts";
import type { OpenBlob } from "./open-registry.ts";
import { refusal } from "./refusal.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "./remote-client.ts";
import { exchangeWithRetries } from "./retry.ts";
import { uploadLocation } from "./upload-location.ts";

type WriteOptions = { readonly onBytes?: (sent: number) => void; readonly signal?: AbortSignal };

/** Uploads a blob. */
export async function writeBlob(
  client: RemoteClient,
  repository: string,
  descriptor: Descriptor,
  open: OpenBlob,
  options: WriteOptions = {},
): Promise<void> {
  const { limits } = client.endpoint;
  const { digest, size } = descriptor;
  const { signal } = options;
  for (let attempt = 1; ; attempt++) {
    const started = await client.call({
      method: "POST",
      path: repositoryPath(repository, "blobs/uploads/"),
      scope: repositoryScope(repository, "pull,push"),
      action: `upload the blob ${digest}`,
      limit: 64 * 1024,
      signal,
      expected: [202],
    });
    const url = uploadLocation(client.endpoint, started);
    url.searchParams.set("digest", digest);
    try {
      const answer = await send(client, repository, url, size, open, options);
      if ([200, 201, 204].includes(answer.status)) return;
      throw refusal(client.endpoint.address.host, `upload the blob ${digest}`, answer);
    } catch (error) {
      signal?.throwIfAborted();
      client.endpoint.signal.throwIfAborted();
      const isBroken = error instanceof HiveError && error.kind === "unreachable";
      if (!isBroken || attempt >= limits.attempts) throw error;
    }
  }
}

async function send(
  client: RemoteClient,
  repository: string,
  url: URL,
  size: number,
  open: OpenBlob,
  { onBytes, signal }: WriteOptions,
): Promise<HttpAnswer> {
  const request = {
    method: "PUT",
    url,
    headers: { "Content-Type": "application/octet-stream", "Content-Length": String(size) },
    body: (progress: () => void) => {
      const content = open(0);
      const stream = content instanceof Blob ? content.stream() : content;
      return counted(stream, (count) => {
        progress();
        onBytes?.(count);
      });
    },
    limit: 64 * 1024,
    signal,
  } as const;
  if (url.origin === client.endpoint.address.origin) {
    return await client.authorized(request, repositoryScope(repository, "pull,push"));
  }
  return await exchangeWithRetries(client.endpoint, request);
}

function counted(
  stream: ReadableStream<Uint8Array>,
  onBytes: (count: number) => void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }
        sent += value.byteLength;
        onBytes(sent);
        controller.enqueue(value);
      },
      async cancel(reason) {
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
