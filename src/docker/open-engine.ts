import type { Environment } from "../base/environment.ts";
import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import type { ByteStream } from "../http2/byte-stream.ts";
import { connectSocket } from "../http2/connect-socket.ts";
import { upgradeStream } from "../http2/upgrade-stream.ts";
import { type EngineAddress, formatEngineAddress, parseEngineAddress } from "./engine-address.ts";
import type { Engine } from "./engine.ts";

const usualTimeout = 30_000;

type EngineOptions = {
  readonly env: Environment;
  /** As DOCKER_HOST has it; wins over it. */
  readonly host?: string | undefined;
};

/**
 * The engine that `docker` itself would use. Nothing is asked yet.
 * @throws HiveError "usage" for an address that can't be read
 */
export function openEngine({ env, host }: EngineOptions): Engine {
  const address = parseEngineAddress(host ?? env["DOCKER_HOST"]);
  const shown = formatEngineAddress(address);

  async function connect({
    signal,
  }: { readonly signal?: AbortSignal | undefined } = {}): Promise<ByteStream> {
    try {
      return await connectSocket(socketAddress(address), { signal, timeoutMs: usualTimeout });
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(shown, error);
    }
  }

  return {
    address: shown,
    connect,
    async request(path, { method = "GET", body, headers, signal, timeout = usualTimeout } = {}) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new DOMException("", "TimeoutError")), timeout);
      const raw = isRaw(body);
      try {
        const where = address.kind === "tcp" ? address.host : "docker";
        return await fetch(`http://${where}${path}`, {
          method,
          redirect: "error",
          headers: {
            ...(body === undefined || raw ? {} : { "Content-Type": "application/json" }),
            ...headers,
          },
          ...(body === undefined
            ? {}
            : { body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
          ...(address.kind === "unix" ? { unix: address.path } : {}),
          signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(shown, error);
      } finally {
        // Only until the answer begins: what follows may be a stream.
        clearTimeout(timer);
      }
    },
    async upgrade(path, { protocol, method = "POST", body, headers, signal, timeout }) {
      const stream = await connect({ signal });
      try {
        return await upgradeStream(stream, {
          method,
          path,
          host: address.kind === "tcp" ? address.host : "docker",
          protocol,
          headers: { ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal,
          timeout: timeout ?? usualTimeout,
        });
      } catch (error) {
        stream.close();
        signal?.throwIfAborted();
        if (error instanceof HiveError) throw error;
        throw unreachable(shown, error);
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

function socketAddress(address: EngineAddress): Parameters<typeof connectSocket>[0] {
  if (address.kind === "unix") return address;
  const at = address.host.lastIndexOf(":");
  const hostname = address.host.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return { kind: "tcp", hostname, port: Number(address.host.slice(at + 1)) };
}

function isRaw(body: unknown): boolean {
  return (
    body instanceof Uint8Array ||
    (typeof body === "object" && body !== null && Symbol.asyncIterator in body)
  );
}

function unreachable(address: string, cause: unknown): HiveError {
  return new HiveError(
    "unreachable",
    `Cannot reach the Docker Engine at ${address}: ${reasonOf(cause)}`,
    {
      cause,
      hint: "Start Docker, or set DOCKER_HOST to the engine's address; on Linux your user must be in the group that may use the socket.",
    },
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && cause.name === "TimeoutError"
    ? "no answer"
    : errorMessage(cause);
}
