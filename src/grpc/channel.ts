import type { ByteStream } from "../http2/byte-stream.ts";
import { Http2Connection } from "../http2/http2-connection.ts";
import type { ClientCall } from "./client-call.ts";
import { openCall } from "./client-call.ts";
import type { Metadata } from "./metadata.ts";

/** A client's connection that many calls share. */
export type Channel = Disposable & {
  /**
   * Starts a call of `path` (`/package.Service/Method`). Values of `-bin` fields are base64 already.
   * Throws a `GrpcError`: UNAVAILABLE when the connection is closed or closing, CANCELLED when `signal` is aborted.
   */
  open(
    path: string,
    metadata?: Metadata,
    options?: { readonly signal?: AbortSignal | undefined },
  ): ClientCall;
  /** Resolves when the connection is over, with an error unless it was closed in good order. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Fails what is open. Safe to call twice. */
  close(): void;
};

type ChannelOptions = {
  /** The `:authority` of every call; `localhost` for a unix socket. */
  readonly authority: string;
};

/** Speaks gRPC as a client on `stream`, which it owns from now on. */
export function createChannel(stream: ByteStream, options: ChannelOptions): Channel {
  const connection = new Http2Connection(stream);
  return {
    open(path, metadata = [], { signal } = {}) {
      const fields = [
        [":method", "POST"],
        [":scheme", "http"],
        [":path", path],
        [":authority", options.authority],
        ["te", "trailers"],
        ["content-type", "application/grpc"],
        ["user-agent", "hive"],
        ...metadata,
      ] as const;
      return openCall(connection, fields, signal);
    },
    closed: connection.closed,
    close: () => connection.close(),
    [Symbol.dispose]: () => connection.close(),
  };
}
