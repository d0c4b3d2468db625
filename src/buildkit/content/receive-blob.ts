import type { MessageInitShape } from "@bufbuild/protobuf";
import { HiveError } from "../../base/hive-error.ts";
import {
  WriteAction,
  type WriteContentRequest,
  type WriteContentResponseSchema,
} from "../../gen/session/content_pb.ts";
import { grpcCode } from "../../grpc/grpc-code.ts";
import { GrpcError } from "../../grpc/grpc-error.ts";
import { ContentMismatch, type BlobWriter } from "../../oci/blob-store.ts";
import { type Digest, isDigest } from "../../oci/digest.ts";
import type { ContentStore } from "./content-service.ts";

type Response = MessageInitShape<typeof WriteContentResponseSchema>;

/**
 * Takes one blob: an answer to every request. It is there once its content has the digest that was expected.
 * @throws GrpcError ALREADY_EXISTS when it is there already, which the daemon takes for done
 */
export async function* receiveBlob(
  store: ContentStore,
  requests: AsyncIterable<WriteContentRequest>,
): AsyncGenerator<Response> {
  using writer = store.createWriter();
  let expected: Digest | undefined;
  let total = 0n;
  for await (const request of requests) {
    if (request.total > 0n) ({ total } = request);
    if (isDigest(request.expected)) {
      expected = request.expected;
      if (store.find(expected) !== undefined) {
        throw new GrpcError(grpcCode.alreadyExists, `content ${expected} is there`);
      }
    }
    yield await noting(store, async () => answer(writer, request, { expected, total }));
    store.onMoved?.("written", request.data.length);
    if (request.action === WriteAction.COMMIT) return;
  }
}

async function noting<T>(store: ContentStore, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof HiveError) store.onError?.(error);
    throw error;
  }
}

async function answer(
  writer: BlobWriter,
  request: WriteContentRequest,
  { expected, total }: { readonly expected: Digest | undefined; readonly total: bigint },
): Promise<Response> {
  const { action, data, offset } = request;
  if (action === WriteAction.STAT) return { action, offset: BigInt(writer.size), total };
  if (data.length > 0) {
    if (Number(offset) !== writer.size) {
      throw new GrpcError(grpcCode.outOfRange, `expected offset ${writer.size}, got ${offset}`);
    }
    writer.write(data);
  }
  if (action === WriteAction.WRITE) return { action, offset: BigInt(writer.size), total };
  const blob = await committed(writer, { expected, total });
  return { action, offset: BigInt(blob.size), total: BigInt(blob.size), digest: blob.digest };
}

async function committed(
  writer: BlobWriter,
  { expected, total }: { readonly expected: Digest | undefined; readonly total: bigint },
): Promise<{ readonly size: number; readonly digest: Digest }> {
  try {
    return await writer.commit({
      ...(expected === undefined ? {} : { digest: expected }),
      ...(total > 0n ? { size: Number(total) } : {}),
    });
  } catch (error) {
    if (!(error instanceof ContentMismatch)) throw error;
    throw new GrpcError(grpcCode.failedPrecondition, error.message, { cause: error });
  }
}
