import { HiveError } from "../base/hive-error.ts";
import type { ByteStream, ByteStreamHandlers } from "./byte-stream.ts";

export type UpgradeRequest = {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** What the connection is to become. */
  readonly protocol: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the answer. */
  readonly timeout: number;
  /** Judges the answer, and throws to refuse it. When absent, 101 and 200 will do, and all else is a HiveError. */
  readonly accept?: (answer: UpgradeAnswer) => void;
};

export type UpgradeAnswer = {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** What came with a refusal. */
  readonly body: string;
};

/** An answer's head is small; what never ends is none. */
const headLimit = 64 * 1024;
/** The rest of a refusal comes at once, or is not worth waiting for. Milliseconds. */
const bodyDelay = 2_000;

/**
 * Sends an HTTP/1.1 request with `Connection: Upgrade` (RFC 9110, section 7.8) and gives the stream that its connection becomes.
 * Engines answer 101, older ones 200 with the same meaning. By hand, because what comes right behind the answer belongs to the stream.
 * @throws HiveError "failed" with what a refusal says; Error for an answer that is none, a TimeoutError, the signal's reason
 */
export async function upgradeStream(
  stream: ByteStream,
  { method, path, host, protocol, headers = {}, body, signal, timeout, accept }: UpgradeRequest,
): Promise<ByteStream> {
  const answered = Promise.withResolvers<void>();
  let head: Uint8Array = new Uint8Array();
  let early: Uint8Array[] | undefined;
  let handlers: ByteStreamHandlers | undefined;
  let ended: { readonly error: Error | undefined } | undefined;
  let onEarly: (() => void) | undefined;
  stream.start({
    data(chunk) {
      if (handlers !== undefined) return handlers.data(chunk);
      if (early !== undefined) {
        early.push(chunk.slice());
        onEarly?.();
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = Buffer.from(head.buffer, head.byteOffset, head.length).indexOf("\r\n\r\n");
      if (end === -1) {
        if (head.length > headLimit) answered.reject(new Error("the answer is no HTTP"));
        return;
      }
      early = [head.subarray(end + 4)];
      head = head.subarray(0, end);
      answered.resolve();
    },
    drain: () => handlers?.drain(),
    end(error) {
      ended = { error };
      answered.reject(error ?? new Error("the connection was closed"));
      onEarly?.();
      handlers?.end(error);
    },
  });
  const lines = {
    Host: host,
    Connection: "Upgrade",
    Upgrade: protocol,
    "Content-Length": String(Buffer.byteLength(body ?? "")),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...headers,
  };
  const written = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.write(Buffer.from(`${method} ${path} HTTP/1.1\r\n${written.join("")}\r\n${body ?? ""}`));

  const timer = setTimeout(
    () => answered.reject(new DOMException("No answer", "TimeoutError")),
    timeout,
  );
  const onAbort = (): void => answered.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await answered.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
  const { status, headers: fields } = readHead(Buffer.from(head).toString("latin1"));
  const isAgreed = status === 101 || status === 200;
  if (!isAgreed) {
    const whole = Promise.withResolvers<void>();
    onEarly = () => {
      if (ended !== undefined || isWhole(Buffer.concat(early ?? []), fields)) whole.resolve();
    };
    onEarly();
    await Promise.race([whole.promise, Bun.sleep(bodyDelay)]);
    onEarly = undefined;
  }
  const said = isAgreed ? "" : Buffer.concat(early ?? []).toString("utf8");
  if (accept !== undefined) accept({ status, headers: fields, body: said });
  else if (!isAgreed) {
    throw new HiveError(
      "failed",
      `${host} answered ${status}${said === "" ? "" : `: ${saidIn(said)}`}`,
    );
  }

  return {
    start(given) {
      queueMicrotask(() => {
        for (const chunk of early ?? []) if (chunk.length > 0) given.data(chunk);
        early = [];
        handlers = given;
        if (ended !== undefined) given.end(ended.error);
      });
    },
    write: (chunk) => stream.write(chunk),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    close: () => stream.close(),
  };
}

function readHead(head: string): { status: number; headers: ReadonlyMap<string, string> } {
  const [first = "", ...lines] = head.split("\r\n");
  const fields = lines.map((line) => {
    const [name = "", ...value] = line.split(":");
    return [name.trim().toLowerCase(), value.join(":").trim()] as const;
  });
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0),
    headers: new Map(fields),
  };
}

/** Whether a refusal's body is there; none is longer than a head may be. */
function isWhole(body: Buffer, headers: ReadonlyMap<string, string>): boolean {
  const length = headers.get("content-length");
  return (
    body.length >= headLimit ||
    (length === undefined ? body.includes("0\r\n\r\n") : body.length >= Number(length))
  );
}

/** The message of an engine's error, which is JSON. */
function saidIn(body: string): string {
  return /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 500).trim();
}
