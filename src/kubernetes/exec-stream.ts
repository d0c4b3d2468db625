import { printableLines } from "../base/printable.ts";
import type { ByteStream, ByteStreamHandlers } from "../http2/byte-stream.ts";
import type { ExecProtocol } from "./open-exec.ts";
import { createWebSocket, type WebSocketClient } from "./web-socket.ts";

/** How a command in a pod ended, as far as the cluster told. */
export type ExecEnd = {
  /** A `v1.Status`, JSON. */
  readonly status: string | undefined;
  /** The last lines of its standard error. */
  readonly stderr: readonly string[];
  /** What broke the connection. */
  readonly error: Error | undefined;
};

/** The first octet of a message. Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go */
const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;
const textLimit = 16 * 1024;
/** Small writes go together; more than this is not put into one message. */
const batchSize = 128 * 1024;

/**
 * The standard input and output of a command in a pod as a byte stream.
 * @param explain makes the stream's error of how the command ended; undefined: it ended well
 */
export function createExecStream(
  stream: ByteStream,
  protocol: ExecProtocol,
  explain: (end: ExecEnd) => Error | undefined,
): ByteStream {
  let handlers: ByteStreamHandlers | undefined;
  const texts: Record<number, string> = {};
  let current = -1;
  let queue: Uint8Array[] = [];
  let queued = 0;
  let isBlocked = false;
  let needsDrain = false;
  let isScheduled = false;
  let isClosed = false;

  function onData(piece: Uint8Array, isFirst: boolean): void {
    let bytes = piece;
    if (isFirst) current = -1;
    if (current === -1 && piece.length > 0) {
      current = piece[0] ?? 0;
      bytes = piece.subarray(1);
    }
    if (bytes.length === 0) return;
    if (current === channel.stdout) handlers?.data(bytes);
    else if (current === channel.stderr || current === channel.status) {
      const text = (texts[current] ?? "") + Buffer.from(bytes).toString("utf8");
      // Of what a command says the end counts; a status is cut to what is none.
      texts[current] = text.slice(-textLimit);
    }
  }

  function flush(): void {
    isScheduled = false;
    if (socket === undefined) return;
    while (queue.length > 0) {
      let length = 0;
      let count = 0;
      for (const chunk of queue) {
        if (count > 0 && length + chunk.length > batchSize) break;
        length += chunk.length;
        count++;
      }
      isBlocked = !socket.send(Uint8Array.of(channel.stdin), ...queue.splice(0, count));
    }
    queued = 0;
    if (!isBlocked) drained();
  }

  function drained(): void {
    isBlocked = false;
    if (!needsDrain) return;
    needsDrain = false;
    handlers?.drain();
  }

  // Nothing is read before somebody listens.
  let socket: WebSocketClient | undefined;
  return {
    start(given) {
      handlers = given;
      socket = createWebSocket(stream, {
        data: onData,
        drain: drained,
        end(error) {
          const { [channel.status]: status, [channel.stderr]: stderr = "" } = texts;
          const lines = printableLines(stderr).filter((line) => line.trim() !== "");
          given.end(isClosed ? undefined : explain({ status, stderr: lines, error }));
        },
      });
      if (queue.length > 0) flush();
    },
    write(chunk) {
      if (isClosed) return true;
      queue.push(chunk);
      queued += chunk.length;
      if (!isScheduled) {
        isScheduled = true;
        queueMicrotask(flush);
      }
      needsDrain = isBlocked || queued >= batchSize;
      return !needsDrain;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      if (socket === undefined) return stream.close();
      flush();
      // Only since version 5 the command can be told that its input ends; before, it is left with the connection.
      if (protocol === "v5.channel.k8s.io")
        socket.send(Uint8Array.of(channel.close, channel.stdin));
      socket.close();
    },
  };
}
