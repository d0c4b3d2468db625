import { connect } from "node:net";

/** What came back on a connection. Status 0: the server closed it without an answer. */
export type Answer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
};

type RequestOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with its Content-Length unless the headers say how long it is. */
  readonly body?: string | Uint8Array;
};

const patience = 20_000;

/** The bytes of a request, of which nothing is checked, normalised or escaped. */
export function rawRequest(method: string, target: string, options: RequestOptions = {}): Buffer {
  const headers: Record<string, string> = { Host: "localhost", ...options.headers };
  if (options.body !== undefined && !("Transfer-Encoding" in headers)) {
    headers["Content-Length"] ??= `${Buffer.byteLength(options.body)}`;
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(options.body ?? "")]);
}

type ExchangeOptions = {
  /** Closes the connection once all is written, without waiting for an answer. */
  readonly abort?: boolean;
  /** Milliseconds after which no answer is one, as of status 0. Default: an error after 20 s. */
  readonly giveUp?: number;
};

/** Writes bytes to a connection of its own and reads one answer, interim ones left out. */
export async function exchange(
  port: number,
  bytes: Uint8Array | string,
  { abort = false, giveUp }: ExchangeOptions = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const socket = connect({ host: "127.0.0.1", port });
  const written = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  const start = Buffer.from(written.subarray(0, 100)).toString("latin1");
  const isHead = start.startsWith("HEAD ");
  let received: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => {
    if (giveUp === undefined) {
      reject(new Error(`No answer after ${patience / 1000} s to ${start}`));
    }
    socket.resetAndDestroy();
  }, giveUp ?? patience);
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const answer = parseAnswer(received, isHead, false);
    if (answer !== undefined) {
      resolve(answer);
      socket.destroy();
    }
  });
  // The other side may close or reset while we still write: what it said before is the answer.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    resolve(parseAnswer(received, isHead, true) ?? none);
  });
  socket.write(written, () => {
    if (abort) socket.resetAndDestroy();
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Writes to many connections, and waits until all is taken or refused; disposing closes them. */
export async function stall(port: number, all: readonly Uint8Array[]): Promise<Disposable> {
  const sockets = all.map((bytes) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => undefined);
    const written = new Promise<void>((resolve) => {
      socket.write(bytes, () => resolve());
      socket.on("close", () => resolve());
      socket.on("data", () => resolve());
    });
    return { socket, written };
  });
  await Promise.all(sockets.map(({ written }) => written));
  return {
    [Symbol.dispose]: () => {
      for (const { socket } of sockets) socket.resetAndDestroy();
    },
  };
}

const none: Answer = { status: 0, headers: new Map(), body: Buffer.alloc(0) };

function parseAnswer(bytes: Buffer, isHead: boolean, ended: boolean): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(first.split(" ")[1]);
  const rest = bytes.subarray(end + 4);
  if (status >= 100 && status < 200) return parseAnswer(rest, isHead, ended);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const body = bodyOf(rest, headers, isHead || status === 204 || status === 304);
  if (body !== undefined) return { status, headers, body };
  return ended ? { status, headers, body: rest } : undefined;
}

function bodyOf(
  rest: Buffer,
  headers: ReadonlyMap<string, string>,
  bodyless: boolean,
): Buffer | undefined {
  if (bodyless) return Buffer.alloc(0);
  const length = headers.get("content-length");
  if (length === undefined) return undefined;
  return rest.byteLength >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}
