import { readUint32 } from "../http2/frame.ts";
import { grpcCode } from "./grpc-code.ts";
import { GrpcError } from "./grpc-error.ts";
import { maxMessageSize, messagePrefixSize } from "./message-frame.ts";

/** The messages of one direction of a call; read them by iteration or by subscription, once. */
export type IncomingMessages = AsyncIterable<Uint8Array> & {
  /** Delivers by callbacks, without a promise or a copy a message. */
  subscribe(subscriber: MessageSubscriber): void;
  /** Stops and restarts delivery to the subscriber; the peer feels it. */
  pause(): void;
  resume(): void;
};

export type MessageSubscriber = {
  /** Valid only during the call. */
  message(message: Uint8Array): void;
  /** Comes once. */
  end(error?: GrpcError): void;
};

type Waiter = {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void;
  readonly reject: (error: GrpcError) => void;
};

/** Large messages are credited as they come in: they may be larger than the window that they come through. */
const creditedEarly = 256 * 1024;
/** A peer's word about a length is not enough to set aside more than this. */
const firstAllocation = 1024 * 1024;
/** What memory that is used again has at least, so that the next message fits. */
const reusableSize = 64 * 1024;

/** Cuts a stream's data into messages and keeps them until they are taken; only then the peer may send more. */
export class MessageInbox implements IncomingMessages {
  readonly #consume: (bytes: number) => void;
  #queue: { readonly message: Uint8Array; readonly credit: number }[] = [];
  readonly #prefix = new Uint8Array(messagePrefixSize);
  #prefixLength = 0;
  #body: Uint8Array = new Uint8Array();
  #bodyLength = 0;
  #wantedLength = 0;
  /** Bytes of the message in the making that `consume` was not told about. */
  #credit = 0;
  #waiter: Waiter | undefined;
  #subscriber: MessageSubscriber | undefined;
  #isPaused = false;
  #isDiscarding = false;
  #end: { readonly error: GrpcError | undefined } | undefined;

  /** `consume` learns how many bytes of what was pushed are dealt with. */
  constructor(consume: (bytes: number) => void) {
    this.#consume = consume;
  }

  /** Takes the stream's next data, which is not kept. Throws a `GrpcError` when it is no sequence of messages. */
  push(chunk: Uint8Array): void {
    if (this.#isDiscarding || this.#end !== undefined) return this.#consume(chunk.length);
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#prefixLength < messagePrefixSize ? this.#takePrefix(rest) : this.#takeBody(rest);
    }
    return undefined;
  }

  /** Nothing more comes. Messages that are here already are still delivered before an error. */
  finish(error?: GrpcError): void {
    if (this.#end !== undefined) return;
    const truncated = error === undefined && this.#prefixLength > 0;
    this.#end = {
      error: truncated
        ? new GrpcError(grpcCode.internal, "The stream ends inside a message")
        : error,
    };
    this.#settleEnd();
  }

  subscribe(subscriber: MessageSubscriber): void {
    this.#subscriber = subscriber;
    this.#deliver();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliver();
    // A message that is larger than the window came to a stop when it was full.
    this.#creditEarly();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      // Leaving the loop does not end the call: its status may still be wanted.
      return: async () => {
        this.#discard();
        return { done: true, value: undefined };
      },
    };
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const message = this.#take();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error);
    if (this.#end !== undefined) return Promise.resolve({ done: true, value: undefined });
    const { promise, resolve, reject } =
      Promise.withResolvers<IteratorResult<Uint8Array, undefined>>();
    this.#waiter = { resolve, reject };
    return promise;
  }

  #takePrefix(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, messagePrefixSize - this.#prefixLength);
    this.#prefix.set(part, this.#prefixLength);
    this.#prefixLength += part.length;
    this.#credit += part.length;
    if (this.#prefixLength === messagePrefixSize) {
      if (this.#prefix[0] !== 0) {
        throw new GrpcError(grpcCode.internal, "The peer sent a compressed message");
      }
      this.#wantedLength = readUint32(this.#prefix, 1);
      if (this.#wantedLength > maxMessageSize) {
        throw new GrpcError(
          grpcCode.resourceExhausted,
          `The peer sent a message of ${this.#wantedLength} bytes; ${maxMessageSize} are allowed`,
        );
      }
      if (this.#wantedLength === 0) this.#complete(new Uint8Array());
    }
    return chunk.subarray(part.length);
  }

  #takeBody(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, this.#wantedLength - this.#bodyLength);
    this.#credit += part.length;
    if (part.length === this.#wantedLength) {
      this.#complete(this.#canDeliver ? part : part.slice());
      return chunk.subarray(part.length);
    }
    this.#reserve(this.#bodyLength + part.length);
    this.#body.set(part, this.#bodyLength);
    this.#bodyLength += part.length;
    if (this.#bodyLength === this.#wantedLength) {
      const body = this.#body;
      // A subscriber is done with it when its call returns, so the next message may have the same memory.
      const isReusable = this.#canDeliver && body.length <= firstAllocation;
      this.#body = new Uint8Array();
      this.#complete(body.subarray(0, this.#bodyLength));
      if (isReusable && this.#body.length === 0) this.#body = body;
    } else this.#creditEarly();
    return chunk.subarray(part.length);
  }

  #reserve(size: number): void {
    if (this.#body.length >= size) return;
    const wanted = Math.min(
      this.#wantedLength,
      Math.max(firstAllocation, size, 2 * this.#body.length),
    );
    const grown = new Uint8Array(
      this.#subscriber === undefined ? wanted : Math.max(wanted, reusableSize),
    );
    grown.set(this.#body.subarray(0, this.#bodyLength));
    this.#body = grown;
  }

  /** Only the message that is next in line may take more than the window. */
  #creditEarly(): void {
    if (this.#wantedLength <= creditedEarly || this.#queue.length > 0 || this.#isPaused) return;
    this.#consume(this.#credit);
    this.#credit = 0;
  }

  get #canDeliver(): boolean {
    return this.#subscriber !== undefined && !this.#isPaused && this.#queue.length === 0;
  }

  #complete(message: Uint8Array): void {
    const credit = this.#credit;
    this.#credit = 0;
    this.#prefixLength = 0;
    this.#bodyLength = 0;
    if (this.#canDeliver) {
      this.#subscriber?.message(message);
      return this.#consume(credit);
    }
    if (this.#waiter === undefined) {
      this.#queue.push({ message, credit });
      return undefined;
    }
    const { resolve } = this.#waiter;
    this.#waiter = undefined;
    this.#consume(credit);
    return resolve({ done: false, value: message });
  }

  #take(): Uint8Array | undefined {
    const item = this.#queue.shift();
    if (item === undefined) return undefined;
    this.#consume(item.credit);
    if (this.#queue.length === 0) this.#creditEarly();
    return item.message;
  }

  #deliver(): void {
    while (this.#subscriber !== undefined && !this.#isPaused) {
      const message = this.#take();
      if (message === undefined) break;
      this.#subscriber.message(message);
    }
    this.#settleEnd();
  }

  #settleEnd(): void {
    if (this.#end === undefined || this.#queue.length > 0) return;
    const { error } = this.#end;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (error === undefined) waiter?.resolve({ done: true, value: undefined });
    else waiter?.reject(error);
    if (this.#isPaused) return;
    const subscriber = this.#subscriber;
    this.#subscriber = undefined;
    subscriber?.end(error);
  }

  #discard(): void {
    this.#isDiscarding = true;
    while (this.#take() !== undefined);
    this.#consume(this.#credit);
    this.#credit = 0;
    this.#body = new Uint8Array();
  }
}
