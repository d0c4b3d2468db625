import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { grpcCode } from "./grpc-code.ts";
import { GrpcError } from "./grpc-error.ts";
import type { IncomingMessages } from "./message-inbox.ts";
import type { SendMessages } from "./message-sender.ts";
import type { Metadata } from "./metadata.ts";
import { methodPath } from "./method-path.ts";

/** What a handler knows about its call. */
export type CallContext = {
  /** The request's header fields, repeated ones apart. */
  readonly metadata: Metadata;
  /** Aborts when the peer resets the call or the connection is gone. */
  readonly signal: AbortSignal;
};

/** A call in bytes: messages are neither parsed nor encoded. */
export type RawServerCall = CallContext &
  SendMessages & {
    /** The request's messages. Iteration throws a `GrpcError` when the call breaks. */
    readonly messages: IncomingMessages;
    /** Sends header fields now instead of with the first message; for the first time only. */
    sendHeaders(metadata: Metadata): void;
  };

/** Ends the call with OK when it returns, with a `GrpcError`'s status when it throws one, else with UNKNOWN. */
export type RawHandler = (call: RawServerCall) => Promise<void>;

/** The handler that fits a method of a generated service. */
type MethodHandler<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (
        request: MessageShape<I>,
        context: CallContext,
      ) => MessageInitShape<O> | Promise<MessageInitShape<O>>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, context: CallContext) => AsyncIterable<MessageInitShape<O>>
      : M extends DescMethodClientStreaming<infer I, infer O>
        ? (
            requests: AsyncIterable<MessageShape<I>>,
            context: CallContext,
          ) => Promise<MessageInitShape<O>>
        : M extends DescMethodBiDiStreaming<infer I, infer O>
          ? (
              requests: AsyncIterable<MessageShape<I>>,
              context: CallContext,
            ) => AsyncIterable<MessageInitShape<O>>
          : never;

/** Methods that are left out answer UNIMPLEMENTED. */
type ServiceHandlers<S extends DescService> = {
  readonly [K in keyof S["method"]]?: MethodHandler<S["method"][K]> | { readonly raw: RawHandler };
};

/** Handlers by path. */
export type GrpcService = { readonly handlers: ReadonlyMap<string, RawHandler> };

type AnyHandler = (request: unknown, context: CallContext) => unknown;

/** Ties handlers to a generated service. `{ raw }` takes a call in bytes, for what is worth encoding by hand. */
export function grpcService<S extends DescService>(
  service: S,
  handlers: ServiceHandlers<S>,
): GrpcService {
  const byPath = new Map<string, RawHandler>();
  for (const method of service.methods) {
    // The type of `handlers` ties each handler to its method; by name it has to be looked up untyped.
    const handler = handlers[method.localName as keyof S["method"]] as
      | AnyHandler
      | { readonly raw: RawHandler }
      | undefined;
    if (handler === undefined) continue;
    const raw = typeof handler === "function" ? rawHandlerOf(method, handler) : handler.raw;
    byPath.set(methodPath(method), raw);
  }
  return { handlers: byPath };
}

function rawHandlerOf(method: DescMethod, handler: AnyHandler): RawHandler {
  const takesStream =
    method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  const givesStream =
    method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  return async (call) => {
    const request = takesStream ? parseAll(method, call) : await parseOne(method, call);
    const response = handler(request, call);
    if (!givesStream) {
      await sendOne(method, call, await response);
      return;
    }
    for await (const message of response as AsyncIterable<unknown>) {
      await sendOne(method, call, message);
    }
  };
}

async function parseOne(method: DescMethod, call: RawServerCall): Promise<unknown> {
  let request: unknown;
  for await (const message of call.messages) {
    if (request !== undefined) {
      throw new GrpcError(grpcCode.unimplemented, "The call takes one message; more came");
    }
    request = parse(method, message);
  }
  if (request === undefined) {
    throw new GrpcError(grpcCode.unimplemented, "The call takes one message; none came");
  }
  return request;
}

async function* parseAll(method: DescMethod, call: RawServerCall): AsyncGenerator {
  for await (const message of call.messages) yield parse(method, message);
}

function parse(method: DescMethod, message: Uint8Array): unknown {
  try {
    return fromBinary(method.input, message);
  } catch (error) {
    throw new GrpcError(grpcCode.internal, `The message is no valid ${method.input.typeName}`, {
      cause: error,
    });
  }
}

function sendOne(method: DescMethod, call: RawServerCall, message: unknown): Promise<void> | void {
  const init = message as MessageInitShape<typeof method.output>;
  return call.send(toBinary(method.output, create(method.output, init)));
}
