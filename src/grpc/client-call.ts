import { errorCode } from "../http2/error-code.ts";
import type { HeaderList } from "../http2/header-list.ts";
import type { Http2Connection } from "../http2/http2-connection.ts";
import { Http2Error } from "../http2/http2-error.ts";
import type { StreamHandle } from "../http2/stream-handle.ts";
import { grpcCode } from "./grpc-code.ts";
import { GrpcError } from "./grpc-error.ts";
import type { GrpcStatus } from "./grpc-status.ts";
import { errorOfStatus, statusOfFailure, statusOfResponse } from "./grpc-status.ts";
import type { IncomingMessages } from "./message-inbox.ts";
import { MessageInbox } from "./message-inbox.ts";
import type { SendMessages } from "./message-sender.ts";
import { MessageSender } from "./message-sender.ts";
import type { Metadata } from "./metadata.ts";

/** One call, as its caller sees it. */
export type ClientCall = SendMessages & {
  /** No more messages follow. */
  end(): void;
  /** The response's messages. Iteration throws a `GrpcError` when the status is not OK. */
  readonly messages: IncomingMessages;
  /** The response's header fields; empty when there are only trailers. Never rejects. */
  readonly headers: Promise<Metadata>;
  /** How the call ended. Never rejects. */
  readonly status: Promise<GrpcStatus>;
  /** Gives up (RST_STREAM CANCEL); the status becomes CANCELLED. Safe to call at any time. */
  cancel(reason?: unknown): void;
};

/** Opens a stream for a call. Throws a `GrpcError` (UNAVAILABLE) when the connection takes no more. */
export function openCall(
  connection: Http2Connection,
  fields: HeaderList,
  signal: AbortSignal | undefined,
): ClientCall {
  if (signal?.aborted) throw cancelled(signal.reason);
  const headers = Promise.withResolvers<Metadata>();
  const status = Promise.withResolvers<GrpcStatus>();
  let responseFields: Metadata = [];
  let isOver = false;
  let hasEnded = false;

  const stream = openStream(connection, fields, {
    headers(received) {
      responseFields = received;
    },
    data(chunk) {
      headers.resolve(responseFields);
      try {
        inbox.push(chunk);
      } catch (error) {
        stream.reset(errorCode.cancel);
        finish(statusOfBadMessage(error));
      }
    },
    end(trailers) {
      if (trailers.length > 0) headers.resolve(responseFields);
      finish(statusOfResponse(responseFields, trailers));
      // The server has said all: what we would still send goes nowhere (RFC 9113, section 8.1).
      if (!hasEnded) stream.reset(errorCode.noError);
    },
    drain: () => sender.drain(),
    fail: (error) => finish(statusOfFailure(error)),
  });
  const inbox = new MessageInbox((bytes) => stream.consume(bytes));
  const sender = new MessageSender(stream);

  function finish(result: GrpcStatus): void {
    if (isOver) return;
    isOver = true;
    signal?.removeEventListener("abort", onAbort);
    const error = result.code === grpcCode.ok ? undefined : errorOfStatus(result);
    sender.fail(error ?? new GrpcError(grpcCode.cancelled, "The call is over"));
    headers.resolve([]);
    inbox.finish(error);
    status.resolve(result);
  }

  function cancel(reason?: unknown): void {
    if (isOver) return;
    stream.reset(errorCode.cancel);
    const { code, message } = cancelled(reason);
    finish({ code, message, trailers: [], cause: reason });
  }

  const onAbort = (): void => cancel(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });

  return {
    send: (message) => sender.send(message),
    sendParts: (parts) => sender.sendParts(parts),
    end() {
      hasEnded = true;
      stream.end();
    },
    messages: inbox,
    headers: headers.promise,
    status: status.promise,
    cancel,
  };
}

function openStream(
  connection: Http2Connection,
  fields: HeaderList,
  handlers: Parameters<Http2Connection["open"]>[1],
): StreamHandle {
  try {
    return connection.open(fields, handlers);
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    throw new GrpcError(grpcCode.unavailable, error.message, { cause: error });
  }
}

function statusOfBadMessage(error: unknown): GrpcStatus {
  if (!(error instanceof GrpcError)) throw error;
  return { code: error.code, message: error.message, trailers: [], cause: error };
}

function cancelled(reason: unknown): GrpcError {
  const timedOut = reason instanceof Error && reason.name === "TimeoutError";
  return new GrpcError(
    timedOut ? grpcCode.deadlineExceeded : grpcCode.cancelled,
    reason instanceof Error ? reason.message : "The call was cancelled",
    { cause: reason },
  );
}
