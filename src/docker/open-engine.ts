import { createDeadline } from "../base/deadline.ts";
import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import type { ByteStream } from "../http2/byte-stream.ts";
import { connectSocket, type SocketAddress } from "../http2/connect-socket.ts";
import { socketProblem } from "../http2/socket-problem.ts";
import { UpgradeRefused } from "../http2/upgrade-refused.ts";
import { upgradeStream } from "../http2/upgrade-stream.ts";
import type { SshForward } from "../ssh/forward-socket.ts";
import { type EngineAddress, type EngineTls, formatEngineAddress } from "./engine-address.ts";
import { EngineRefusal } from "./engine-refusal.ts";
import type { Engine } from "./engine.ts";
import { type EngineKind, type EngineSources, findEngine } from "./find-engine.ts";

const usualTimeout = 30_000;

type SshAddress = Extract<EngineAddress, { kind: "ssh" }>;

/** What a connection is for: TLS has both sides agree on it. One name with its length before it. */
const protocols = { http1: "\x08http/1.1", http2: "\x02h2" };

/**
 * The engine that `docker` or `podman` itself would use: see {@link findEngine}. Nothing is asked yet.
 * @throws HiveError "usage" for an address that can't be used, a context that nobody knows, files that can't be read
 */
export function openEngine(sources: EngineSources): Engine {
  const address = findEngine(sources);
  const shown = formatEngineAddress(address);
  const host = address.kind === "tcp" ? address.host : "docker";
  const tls = address.kind === "tcp" ? address.tls : undefined;

  function unreachable(cause: unknown): HiveError {
    return engineUnreachable(shown, sources.kind ?? "docker", cause);
  }

  // Started by the first who needs it, and again when it has ended.
  let opened: Promise<SshForward> | undefined;
  async function forwarded(
    { destination, port, path }: SshAddress,
    signal: AbortSignal | undefined,
  ): Promise<SshForward> {
    const { forwardSocket } = await import("../ssh/forward-socket.ts");
    const now = opened;
    const before = await now?.catch(() => undefined);
    if (opened === undefined || (opened === now && before?.isOver() !== false)) {
      opened = forwardSocket({ destination, port, remotePath: path, env: sources.env, signal });
    }
    return await opened;
  }

  async function connectAs(
    protocol: keyof typeof protocols,
    { signal, timeout = usualTimeout }: { signal?: AbortSignal | undefined; timeout?: number },
  ): Promise<ByteStream> {
    try {
      if (address.kind === "ssh") {
        return await (await forwarded(address, signal)).connect({ signal, timeout });
      }
      return await connectSocket(socketAddress(address, protocols[protocol]), {
        signal,
        timeoutMs: timeout,
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(error);
    }
  }

  return {
    address: shown,
    connect: async (options = {}) => await connectAs("http2", options),
    async request(path, { method = "GET", body, headers, signal, timeout = usualTimeout } = {}) {
      // Only until the answer begins: what follows may be a stream, which `signal` alone ends.
      using deadline = createDeadline({ timeout });
      const raw = isRaw(body);
      let forward: SshForward | undefined;
      try {
        if (address.kind === "ssh") forward = await forwarded(address, signal);
        const socket = address.kind === "unix" ? address.path : forward?.path;
        return await fetch(`http${tls === undefined ? "" : "s"}://${host}${path}`, {
          method,
          redirect: "error",
          headers: {
            ...(body === undefined || raw ? {} : { "Content-Type": "application/json" }),
            ...headers,
          },
          ...(body === undefined
            ? {}
            : { body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
          ...(socket === undefined ? {} : { unix: socket }),
          ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
          signal:
            signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]),
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable((await forward?.explain()) ?? error);
      }
    },
    async upgrade(path, options) {
      const { protocol, method = "POST", body, headers, signal, timeout = usualTimeout } = options;
      const stream = await connectAs("http1", { signal, timeout });
      try {
        return await upgradeStream(stream, {
          method,
          path,
          host,
          protocol,
          headers: { ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal,
          timeout,
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof UpgradeRefused) throw new EngineRefusal(error.status, error.said);
        throw unreachable(error);
      }
    },
    async [Symbol.asyncDispose]() {
      const forward = await opened?.catch(() => undefined);
      await forward?.[Symbol.asyncDispose]();
    },
  };
}

function socketAddress(
  address: Exclude<EngineAddress, { kind: "ssh" }>,
  ALPNProtocols: string,
): SocketAddress {
  if (address.kind === "unix") return address;
  const { hostname, port } = splitHost(address.host);
  const tls =
    address.tls === undefined
      ? undefined
      : { serverName: hostname, ...tlsOptions(address.tls), ALPNProtocols };
  return { kind: "tcp", hostname, port, ...(tls === undefined ? {} : { tls }) };
}

function splitHost(host: string): { hostname: string; port: number } {
  const at = host.lastIndexOf(":");
  return {
    hostname: host.slice(0, at).replace(/^\[(.*)\]$/, "$1"),
    port: Number(host.slice(at + 1)),
  };
}

function tlsOptions({ unverified, ...files }: EngineTls): Bun.TLSOptions {
  return { ...files, ...(unverified === true ? { rejectUnauthorized: false } : {}) };
}

function isRaw(body: unknown): boolean {
  return (
    body instanceof Uint8Array ||
    (typeof body === "object" && body !== null && Symbol.asyncIterator in body)
  );
}

const names = {
  docker: {
    engine: "the Docker Engine",
    hint: "Start Docker, or set DOCKER_HOST to the engine's address; on Linux your user must be in the group that may use the socket.",
  },
  podman: {
    engine: "Podman",
    hint: "Start its API (systemctl --user start podman.socket, or podman system service -t 0), or set CONTAINER_HOST to its address.",
  },
} satisfies Record<EngineKind, object>;

function engineUnreachable(address: string, kind: EngineKind, cause: unknown): HiveError {
  const { engine, hint } = names[kind];
  const reason = socketProblem(cause) ?? errorMessage(cause);
  return new HiveError("unreachable", `Cannot reach ${engine} at ${address}: ${reason}`, {
    cause,
    hint: cause instanceof HiveError ? cause.hint : hint,
  });
}
