import type { ByteStream, ByteStreamHandlers } from "../http2/byte-stream.ts";
import { bytesMessageTag, bytesOfMessage } from "./bytes-message.ts";
import { encodeVarint } from "./encode-varint.ts";
import type { IncomingMessages } from "./message-inbox.ts";
import type { SendMessages } from "./message-sender.ts";
import { GrpcError } from "./grpc-error.ts";
import { grpcCode } from "./grpc-code.ts";

/** One message carries at most about this much: it is what the far side takes in at a time. */
const batchSize = 512 * 1024;

/** A call of `BytesMessage { bytes data = 1 }` in both directions; `ClientCall` is one. */
export type TunnelCall = Pick<SendMessages, "sendParts"> & {
  readonly messages: IncomingMessages;
  end(): void;
};

/**
 * Makes a byte stream out of a call whose messages carry bytes.
 * What is written in one turn becomes one message, framed by hand around the writer's own chunks.
 */
export function createTunnelStream(call: TunnelCall): ByteStream {
  let handlers: ByteStreamHandlers | undefined;
  let queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let isScheduled = false;
  let isBlocked = false;
  let needsDrain = false;
  let isClosing = false;
  let isEnded = false;

  function finish(error?: Error): void {
    if (isEnded) return;
    isEnded = true;
    queue = [];
    handlers?.end(error);
  }

  function schedule(): void {
    if (isScheduled || isBlocked) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      flush();
    });
  }

  function flush(): void {
    if (isEnded || isBlocked) return;
    try {
      while (queue.length > 0) {
        const sent = call.sendParts(takeBatch());
        if (sent instanceof Promise) {
          isBlocked = true;
          void unblock(sent);
          return;
        }
      }
    } catch (error) {
      return finish(error as Error);
    }
    if (isClosing) call.end();
    else if (needsDrain) {
      needsDrain = false;
      handlers?.drain();
    }
  }

  async function unblock(sent: Promise<void>): Promise<void> {
    try {
      await sent;
    } catch (error) {
      return finish(error as Error);
    }
    isBlocked = false;
    flush();
    return undefined;
  }

  function takeBatch(): Uint8Array[] {
    let length = 0;
    let count = 0;
    for (const chunk of queue) {
      if (count > 0 && length + chunk.length > batchSize) break;
      length += chunk.length;
      count++;
    }
    const batch = [
      Uint8Array.of(bytesMessageTag, ...encodeVarint(length)),
      ...queue.splice(0, count),
    ];
    queuedBytes -= length;
    return batch;
  }

  return {
    start(started) {
      handlers = started;
      call.messages.subscribe({
        message(message) {
          if (isEnded) return;
          const found = bytesOfMessage(message);
          if (found === undefined) {
            finish(
              new GrpcError(grpcCode.internal, "The tunnel's peer sent something else than bytes"),
            );
          } else for (const data of found) started.data(data);
        },
        end: finish,
      });
    },
    write(chunk) {
      if (isEnded || isClosing) return true;
      queue.push(chunk);
      queuedBytes += chunk.length;
      schedule();
      needsDrain = isBlocked || queuedBytes >= batchSize;
      return !needsDrain;
    },
    close() {
      if (isClosing) return;
      isClosing = true;
      if (isEnded) call.end();
      else flush();
    },
  };
}
