import type { ByteStream } from "../http2/byte-stream.ts";
import { connectSocket } from "../http2/connect-socket.ts";
import type { Endpoint } from "./endpoint.ts";

type DialOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
};

/**
 * Opens a byte stream to a daemon.
 * @throws the system's error (its `code` as ENOENT), a TimeoutError, or the signal's reason.
 */
export async function dial(
  endpoint: Endpoint,
  { signal, timeout }: DialOptions,
): Promise<ByteStream> {
  const address =
    endpoint.kind === "unix"
      ? endpoint
      : ({ kind: "tcp", hostname: endpoint.host, port: endpoint.port } as const);
  return connectSocket(address, { signal, timeoutMs: timeout });
}

const groupHint =
  "Your user may not open the socket: join the group that owns it (see ls -l), or start buildkitd with --group.";

/** Why {@link dial} failed, in words, with what to do where that is known. */
export function dialReason(
  error: unknown,
  endpoint: Endpoint,
): { readonly reason: string; readonly hint?: string } {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError") return { reason: "no answer" };
  if (code === "EACCES" || code === "EPERM")
    return { reason: "permission denied", hint: groupHint };
  if (code === "ENOENT") return { reason: "no such socket" };
  if (code === "ENOTFOUND") return { reason: "unknown host" };
  if (code !== "ECONNREFUSED") return { reason: code ?? message };
  return { reason: endpoint.kind === "unix" ? "nobody listens on it" : "connection refused" };
}
