import { errorMessage } from "../base/error-message.ts";
import type { ByteStream } from "../http2/byte-stream.ts";
import { errorCode } from "../http2/error-code.ts";
import type { HeaderList } from "../http2/header-list.ts";
import { Http2Connection } from "../http2/http2-connection.ts";
import type { StreamHandle, StreamHandlers } from "../http2/stream-handle.ts";
import { grpcCode } from "./grpc-code.ts";
import { GrpcError } from "./grpc-error.ts";
import type { GrpcService, RawHandler } from "./grpc-service.ts";
import { encodeGrpcMessage, errorOfStatus, statusOfFailure } from "./grpc-status.ts";
import { MessageInbox } from "./message-inbox.ts";
import { MessageSender } from "./message-sender.ts";
import type { Metadata } from "./metadata.ts";
import { metadataValues } from "./metadata.ts";

/** One connection that is served. */
export type GrpcServer = Disposable & {
  /** Resolves when the connection is over, with an error unless it was closed in good order. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Aborts what runs. Safe to call twice. */
  close(): void;
};

const responseFields: HeaderList = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

/** Speaks gRPC as a server on `stream`, which it owns from now on. What no service has answers UNIMPLEMENTED. */
export function serveGrpc(stream: ByteStream, services: readonly GrpcService[]): GrpcServer {
  const handlers = new Map(services.flatMap((service) => [...service.handlers]));
  const connection = new Http2Connection(stream, {
    accept: (call, fields) => acceptCall(handlers, call, fields),
  });
  return {
    closed: connection.closed,
    close: () => connection.close(),
    [Symbol.dispose]: () => connection.close(),
  };
}

function acceptCall(
  handlers: ReadonlyMap<string, RawHandler>,
  stream: StreamHandle,
  fields: HeaderList,
): StreamHandlers {
  const path = metadataValues(fields, ":path")[0] ?? "";
  const aborter = new AbortController();
  const inbox = new MessageInbox((bytes) => stream.consume(bytes));
  const sender = new MessageSender(stream);
  let headersSent = false;

  function sendHeaders(metadata: Metadata): void {
    if (headersSent) return;
    headersSent = true;
    stream.sendHeaders([...responseFields, ...metadata]);
  }

  function finish(code: number, message: string, metadata: Metadata): void {
    sender.fail(new GrpcError(grpcCode.cancelled, "The call is over"));
    try {
      stream.end([
        ...(headersSent ? [] : responseFields),
        ["grpc-status", String(code)],
        ...(message === "" ? [] : [["grpc-message", encodeGrpcMessage(message)] as const]),
        ...metadata,
      ]);
    } catch {
      // The handler's metadata can't be sent; without trailers there is no better way to say so.
      stream.reset(errorCode.internalError);
    }
  }

  async function run(handler: RawHandler): Promise<void> {
    try {
      await handler({
        metadata: fields,
        signal: aborter.signal,
        messages: inbox,
        sendHeaders,
        send(message) {
          sendHeaders([]);
          return sender.send(message);
        },
        sendParts(parts) {
          sendHeaders([]);
          return sender.sendParts(parts);
        },
      });
      finish(grpcCode.ok, "", []);
    } catch (error) {
      if (error instanceof GrpcError) finish(error.code, error.message, error.metadata);
      else finish(grpcCode.unknown, errorMessage(error), []);
    }
  }

  function breakCall(error: GrpcError): void {
    sender.fail(error);
    inbox.finish(error);
    aborter.abort(error);
  }

  if (!isGrpcRequest(fields)) stream.end([[":status", "415"]]);
  else {
    const handler = handlers.get(path);
    if (handler === undefined) finish(grpcCode.unimplemented, `Unknown method ${path}`, []);
    else void run(handler);
  }

  return {
    // A server's stream opens with its only header fields.
    headers: () => {},
    data(chunk) {
      try {
        inbox.push(chunk);
      } catch (error) {
        if (!(error instanceof GrpcError)) throw error;
        finish(error.code, error.message, []);
        breakCall(error);
      }
    },
    end: () => inbox.finish(),
    drain: () => sender.drain(),
    fail: (error) => breakCall(errorOfStatus(statusOfFailure(error))),
  };
}

function isGrpcRequest(fields: HeaderList): boolean {
  return (
    metadataValues(fields, ":method")[0] === "POST" &&
    metadataValues(fields, "content-type")[0]?.startsWith("application/grpc") === true
  );
}
