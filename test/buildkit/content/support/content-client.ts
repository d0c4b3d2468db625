import { create } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import {
  type ContentStore,
  contentService,
} from "../../../../src/buildkit/content/content-service.ts";
import {
  Content,
  WriteAction,
  type WriteContentRequest,
  WriteContentRequestSchema,
} from "../../../../src/gen/session/content_pb.ts";
import { createChannelTransport } from "../../../../src/grpc/channel-transport.ts";
import { createChannel } from "../../../../src/grpc/channel.ts";
import { serveGrpc } from "../../../../src/grpc/serve-grpc.ts";
import { createMemoryPair } from "../../../support/memory-pair.ts";

export type ContentClient = Disposable & { readonly content: Client<typeof Content> };

/** What a call says of the store that it is for. */
export const ofStore = { headers: { "buildkit-attachable-store-id": "export" } };

/** A client of the service that has `store`, as a daemon is in a session. */
export function contentClient(store: ContentStore): ContentClient {
  const [near, far] = createMemoryPair();
  serveGrpc(far, [contentService(new Map([["export", store]]))]);
  const channel = createChannel(near, { authority: "test" });
  return {
    content: createClient(Content, createChannelTransport(channel)),
    [Symbol.dispose]: () => channel.close(),
  };
}

/** A blob as a daemon sends it: asks what is there, sends, commits. */
export async function* writing(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { expected, total }: { readonly expected: string; readonly total: number },
): AsyncGenerator<WriteContentRequest> {
  const common = { ref: "a write", expected, total: BigInt(total) };
  yield create(WriteContentRequestSchema, { ...common, action: WriteAction.STAT });
  let offset = 0n;
  for await (const data of pieces) {
    yield create(WriteContentRequestSchema, { ...common, action: WriteAction.WRITE, offset, data });
    offset += BigInt(data.length);
  }
  yield create(WriteContentRequestSchema, { ...common, action: WriteAction.COMMIT, offset });
}
