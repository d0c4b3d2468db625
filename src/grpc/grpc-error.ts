import type { Metadata } from "./metadata.ts";

type GrpcErrorOptions = {
  readonly cause?: unknown;
  /** A client's: the trailers as they came. A server's: what to send besides code and message. */
  readonly metadata?: Metadata;
};

/** A call that ended with a status other than OK; a handler throws it to end its call so. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  /** One of `grpcCode`, or an unknown number that the peer sent. */
  readonly code: number;
  readonly metadata: Metadata;

  constructor(code: number, message: string, options: GrpcErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.metadata = options.metadata ?? [];
  }
}
