import { readFile } from "node:fs/promises";
import { HiveError } from "../../base/hive-error.ts";
import { systemErrorCode } from "../../base/system-error.ts";
import { connectSocket, type SocketAddress } from "../../http2/connect-socket.ts";
import type { Dialer } from "../dialer.ts";
import type { Endpoint } from "../endpoint.ts";

/** A socket of this machine, or a port, with or without TLS. The PEM files are read once. */
export async function createSocketDialer(
  endpoint: Extract<Endpoint, { kind: "unix" | "tcp" }>,
): Promise<Dialer> {
  const address = await socketAddress(endpoint);
  return {
    authority: endpoint.kind === "unix" ? "localhost" : `${endpoint.host}:${endpoint.port}`,
    dial: async ({ signal, timeout }) =>
      await connectSocket(address, { signal, timeoutMs: timeout }),
    async [Symbol.asyncDispose]() {},
  };
}

async function socketAddress(
  endpoint: Extract<Endpoint, { kind: "unix" | "tcp" }>,
): Promise<SocketAddress> {
  if (endpoint.kind === "unix") return endpoint;
  const { host: hostname, port, tls } = endpoint;
  if (tls === undefined) return { kind: "tcp", hostname, port };
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map(readPem));
  return {
    kind: "tcp",
    hostname,
    port,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      serverName: tls.serverName ?? hostname,
    },
  };
}

async function readPem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new HiveError("usage", `Cannot read "${path}": ${systemErrorCode(error) ?? "unknown"}`, {
      hint: "It is named by BuildKit's address, as one of ca, cert and key.",
      cause: error,
    });
  }
}
