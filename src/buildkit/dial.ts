import type { Socket } from "bun";
import type { ByteStream } from "../http2/byte-stream.ts";
import { SocketStream } from "../http2/socket-stream.ts";
import { createDeadline } from "./deadline.ts";
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
  signal?.throwIfAborted();
  using deadline = createDeadline({ signal, timeout });
  const stream = new SocketStream();
  const opening: Promise<Socket<unknown>> =
    endpoint.kind === "unix"
      ? Bun.connect({ unix: endpoint.path, socket: stream.handlers })
      : Bun.connect({ hostname: endpoint.host, port: endpoint.port, socket: stream.handlers });
  try {
    await Promise.race([opening, deadline.passed]);
    return stream;
  } catch (error) {
    void closeLate(opening);
    throw error;
  }
}

// A connection that comes after we gave up.
async function closeLate(opening: Promise<Socket<unknown>>): Promise<void> {
  try {
    (await opening).end();
  } catch {
    // It didn't come.
  }
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
