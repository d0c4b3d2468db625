import type { Status } from "../gen/google/rpc/status_pb.ts";
import { fromBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "../gen/google/rpc/status_pb.ts";
import { errorCode } from "../http2/error-code.ts";
import type { Http2Error } from "../http2/http2-error.ts";
import { grpcCode } from "./grpc-code.ts";
import { GrpcError } from "./grpc-error.ts";
import type { Metadata } from "./metadata.ts";
import { binaryMetadataValue, metadataValues } from "./metadata.ts";

/** How a call ended. */
export type GrpcStatus = {
  /** One of `grpcCode`. */
  readonly code: number;
  readonly message: string;
  /** As they came, `grpc-status` and its like included. Empty when the call ended without any. */
  readonly trailers: Metadata;
  readonly cause?: unknown;
};

/** gRPC's table for a reset stream ("gRPC over HTTP2", section Errors); other codes are INTERNAL. */
const codesOfResets: ReadonlyMap<number, number> = new Map([
  [errorCode.refusedStream, grpcCode.unavailable],
  [errorCode.cancel, grpcCode.cancelled],
  [errorCode.enhanceYourCalm, grpcCode.resourceExhausted],
  [errorCode.inadequateSecurity, grpcCode.permissionDenied],
]);

/** gRPC's table for a response without `grpc-status`; other HTTP statuses are UNKNOWN. */
const codesOfHttpStatus: ReadonlyMap<string, number> = new Map([
  ["400", grpcCode.internal],
  ["401", grpcCode.unauthenticated],
  ["403", grpcCode.permissionDenied],
  ["404", grpcCode.unimplemented],
  ["429", grpcCode.unavailable],
  ["502", grpcCode.unavailable],
  ["503", grpcCode.unavailable],
  ["504", grpcCode.unavailable],
]);

/** The status that a complete response carries. Without trailers the header fields stand for them. */
export function statusOfResponse(headers: Metadata, trailers: Metadata): GrpcStatus {
  const last = trailers.length > 0 ? trailers : headers;
  const httpStatus = metadataValues(headers, ":status")[0] ?? "";
  const status = metadataValues(last, "grpc-status")[0];
  if (status !== undefined && /^\d{1,9}$/.test(status)) {
    const message = decodeGrpcMessage(metadataValues(last, "grpc-message")[0] ?? "");
    return { code: Number(status), message, trailers: last };
  }
  if (httpStatus === "200") {
    return { code: grpcCode.internal, message: "The response has no grpc-status", trailers: last };
  }
  return {
    code: codesOfHttpStatus.get(httpStatus) ?? grpcCode.unknown,
    message: `The response is HTTP status ${httpStatus}, not gRPC`,
    trailers: last,
  };
}

/** A lost connection is UNAVAILABLE, a reset stream what gRPC's table says. */
export function statusOfFailure(error: Http2Error): GrpcStatus {
  const code =
    error.scope === "connection"
      ? grpcCode.unavailable
      : (codesOfResets.get(error.code) ?? grpcCode.internal);
  return { code, message: error.message, trailers: [], cause: error };
}

/** What a call throws that ended with `status`. */
export function errorOfStatus(status: GrpcStatus): GrpcError {
  const { code, message, trailers, cause } = status;
  return new GrpcError(code, message, { metadata: trailers, cause });
}

/** The google.rpc.Status of `grpc-status-details-bin`; undefined without one or when it can't be read. */
export function statusDetails(trailers: Metadata): Status | undefined {
  const encoded = binaryMetadataValue(trailers, "grpc-status-details-bin");
  if (encoded === undefined) return undefined;
  try {
    return fromBinary(StatusSchema, encoded);
  } catch {
    return undefined;
  }
}

/** Percent-encodes UTF-8 outside of visible ASCII ("gRPC over HTTP2", Status-Message). */
export function encodeGrpcMessage(message: string): string {
  return message.replaceAll(/[^ -$&-~]+/gu, (text) =>
    Array.from(
      Buffer.from(text),
      (octet) => `%${octet.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join(""),
  );
}

/** Never fails: what is no valid encoding stays as it is. */
export function decodeGrpcMessage(value: string): string {
  const octets = value.replaceAll(/%([0-9A-Fa-f]{2})/g, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(octets, "latin1").toString("utf8");
}
