import type {
  DescMessage,
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Channel } from "./channel.ts";
import type { ClientCall } from "./client-call.ts";
import { grpcCode } from "./grpc-code.ts";
import { GrpcError } from "./grpc-error.ts";
import { statusDetails } from "./grpc-status.ts";
import { methodPath } from "./method-path.ts";
import type { Metadata } from "./metadata.ts";

/**
 * A Connect transport on a channel, for `createClient(Service, transport)`.
 * Errors are `ConnectError`s with code, message and details; their `cause` is the `GrpcError` with the raw trailers.
 * Header fields go through fetch's `Headers`, which joins repeated ones: where that matters, use `channel.open`.
 */
export function createChannelTransport(channel: Channel): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input) {
      const call = openCall(channel, method, signal, timeoutMs, header);
      const message = await unary(call, method, input);
      const { trailers } = await call.status;
      return {
        stream: false,
        service: method.parent,
        method,
        header: headersOf(await call.headers),
        trailer: headersOf(trailers),
        message,
      };
    },
    async stream(method, signal, timeoutMs, header, input) {
      const call = openCall(channel, method, signal, timeoutMs, header);
      void sendAll(call, method, input);
      const received = await call.headers;
      const trailer = new Headers();
      return {
        stream: true,
        service: method.parent,
        method,
        header: headersOf(received),
        trailer,
        message: receiveAll(call, method, trailer),
      };
    },
  };
}

/** Connect has the numbers of gRPC, without OK. */
const codes: ReadonlyMap<number, Code> = new Map(
  Object.values(Code).flatMap((code) => (typeof code === "string" ? [] : [[code, code]])),
);

/** What Connect makes of a call's error. */
export function connectErrorOf(error: unknown): ConnectError {
  if (!(error instanceof GrpcError)) return ConnectError.from(error);
  const code = codes.get(error.code) ?? Code.Unknown;
  const connectError = new ConnectError(
    error.message,
    code,
    headersOf(error.metadata),
    undefined,
    error,
  );
  connectError.details = (statusDetails(error.metadata)?.details ?? []).map(
    ({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value }),
  );
  return connectError;
}

function openCall(
  channel: Channel,
  method: DescMethod,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  header: ConstructorParameters<typeof Headers>[0],
): ClientCall {
  const signals = [
    ...(signal === undefined ? [] : [signal]),
    ...(timeoutMs === undefined || timeoutMs <= 0 ? [] : [AbortSignal.timeout(timeoutMs)]),
  ];
  try {
    return channel.open(methodPath(method), [...new Headers(header)], {
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
    });
  } catch (error) {
    throw connectErrorOf(error);
  }
}

async function unary<I extends DescMessage, O extends DescMessage>(
  call: ClientCall,
  method: DescMethodUnary<I, O>,
  input: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  try {
    // One message only: nothing has to wait for room, and the status tells whether it arrived.
    await call.send(toBinary(method.input, create(method.input, input)));
    call.end();
    let response: MessageShape<O> | undefined;
    for await (const message of call.messages) {
      if (response !== undefined) {
        throw new GrpcError(grpcCode.unimplemented, "The call gives one message; more came");
      }
      response = fromBinary(method.output, message);
    }
    if (response !== undefined) return response;
    throw new GrpcError(grpcCode.unimplemented, "The call gives one message; none came");
  } catch (error) {
    call.cancel(error);
    throw connectErrorOf(error);
  }
}

/** Never rejects: what goes wrong ends the call, and its reader learns it. */
async function sendAll<I extends DescMessage, O extends DescMessage>(
  call: ClientCall,
  method: DescMethodStreaming<I, O>,
  input: AsyncIterable<MessageInitShape<I>>,
): Promise<void> {
  try {
    for await (const init of input) {
      await call.send(toBinary(method.input, create(method.input, init)));
    }
    call.end();
  } catch (error) {
    call.cancel(error);
  }
}

async function* receiveAll<I extends DescMessage, O extends DescMessage>(
  call: ClientCall,
  method: DescMethodStreaming<I, O>,
  trailer: Headers,
): AsyncGenerator<MessageShape<O>> {
  try {
    for await (const message of call.messages) yield fromBinary(method.output, message);
    const { trailers } = await call.status;
    for (const [name, value] of headersOf(trailers)) trailer.append(name, value);
  } catch (error) {
    throw connectErrorOf(error);
  } finally {
    // Nobody reads any more; without effect on a call that has ended.
    call.cancel();
  }
}

function headersOf(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const [name, value] of metadata) if (!name.startsWith(":")) headers.append(name, value);
  return headers;
}
