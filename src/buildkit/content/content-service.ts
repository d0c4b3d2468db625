import { open } from "node:fs/promises";
import type { HiveError } from "../../base/hive-error.ts";
import { Content } from "../../gen/session/content_pb.ts";
import { grpcCode } from "../../grpc/grpc-code.ts";
import { GrpcError } from "../../grpc/grpc-error.ts";
import { type CallContext, grpcService, type GrpcService } from "../../grpc/grpc-service.ts";
import { metadataValues } from "../../grpc/metadata.ts";
import type { BlobStore, StoredBlob } from "../../oci/blob-store.ts";
import { isDigest } from "../../oci/digest.ts";
import { receiveBlob } from "./receive-blob.ts";

/** Blobs that the daemon may read and write. */
export type ContentStore = Pick<BlobStore, "find" | "createWriter"> & {
  /** Learns how many bytes went to the daemon (`read`) or came from it. */
  readonly onMoved?: (direction: "read" | "written", bytes: number) => void;
  /** Learns that it can't take what the daemon sends: the disk is full. Whoever sends it can't do anything about that. */
  readonly onError?: (error: HiveError) => void;
};

/** Stores by the names under which the daemon knows them: `oci:base`, `local:cache`. */
export type ContentStores = ReadonlyMap<string, ContentStore>;

const chunkSize = 256 * 1024;

/** Serves image layouts (`oci:<name>`) and local caches (`local:<name>`) blob by blob. */
export function contentService(stores: ContentStores): GrpcService {
  function storeOf({ metadata }: CallContext): ContentStore {
    const name = metadataValues(metadata, "buildkit-attachable-store-id")[0] ?? "";
    const store = stores.get(name);
    if (store === undefined) throw new GrpcError(grpcCode.notFound, `no content store "${name}"`);
    return store;
  }

  return grpcService(Content, {
    info: ({ digest }, context) => {
      const { size } = blobOf(storeOf(context), digest);
      return { info: { digest, size: BigInt(size) } };
    },
    async *read({ digest, offset, size }, context) {
      const store = storeOf(context);
      const range = {
        offset: Number(offset),
        size: size === 0n ? undefined : Number(size),
      };
      for await (const part of readRange(blobOf(store, digest), range)) {
        yield part;
        store.onMoved?.("read", part.data.length);
      }
    },
    // Writes are never taken up again: what broke off is gone.
    status: ({ ref }) => {
      throw new GrpcError(grpcCode.notFound, `no write "${ref}"`);
    },
    abort: () => ({}),
    write: (requests, context) => receiveBlob(storeOf(context), requests),
  });
}

function blobOf(store: ContentStore, digest: string): StoredBlob {
  const blob = isDigest(digest) ? store.find(digest) : undefined;
  if (blob === undefined) throw new GrpcError(grpcCode.notFound, `no content ${digest}`);
  return blob;
}

type Range = { readonly offset: number; readonly size: number | undefined };

async function* readRange(
  blob: StoredBlob,
  { offset, size }: Range,
): AsyncGenerator<{ offset: bigint; data: Uint8Array }> {
  if (offset < 0 || offset > blob.size || (size ?? 0) < 0) {
    throw new GrpcError(grpcCode.outOfRange, `content ${blob.digest} has ${blob.size} bytes`);
  }
  const end = Math.min(blob.size, size === undefined ? blob.size : offset + size);
  await using file = await open(blob.path, "r");
  for (let at = offset; at < end;) {
    const buffer = new Uint8Array(Math.min(chunkSize, end - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new GrpcError(grpcCode.dataLoss, `${blob.digest} is cut short`);
    yield { offset: BigInt(at), data: buffer.subarray(0, bytesRead) };
    at += bytesRead;
  }
}
