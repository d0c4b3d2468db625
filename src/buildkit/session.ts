import { Control } from "../gen/buildkit/control_pb.ts";
import { Health } from "../gen/grpc/health_pb.ts";
import { Auth } from "../gen/session/auth_pb.ts";
import { Content } from "../gen/session/content_pb.ts";
import { FileSend, FileSync } from "../gen/session/filesync_pb.ts";
import { Secrets } from "../gen/session/secrets_pb.ts";
import { SSH } from "../gen/session/sshforward_pb.ts";
import type { Channel } from "../grpc/channel.ts";
import type { GrpcService } from "../grpc/grpc-service.ts";
import { methodPath } from "../grpc/method-path.ts";
import { serveGrpc } from "../grpc/serve-grpc.ts";
import { createTunnelStream } from "../grpc/tunnel-stream.ts";

/** A channel back: the daemon calls our services while a build runs. */
export type Session = {
  /** Resolves when the session is over, however. Never rejects. */
  readonly closed: Promise<void>;
  /** Ends it. Only after the build's end: pushes ask for credentials late. */
  close(): void;
};

// The daemon calls what is announced, and looks for files, or sends some, only if that is among it.
const announced = [
  Health.method.check,
  FileSync.method.diffCopy,
  FileSend.method.diffCopy,
  ...Auth.methods,
  ...Secrets.methods,
  ...SSH.methods,
  ...Content.methods,
];

type SessionOptions = {
  /** Unique; must not hold a colon. */
  readonly id: string;
  readonly sharedKey: string;
  readonly services: readonly GrpcService[];
};

/**
 * Opens a session: a call whose messages carry the bytes of an HTTP/2 connection on which the daemon is the client.
 * @throws GrpcError when the channel is closed.
 */
export function openSession(
  channel: Channel,
  { id, sharedKey, services }: SessionOptions,
): Session {
  const call = channel.open(methodPath(Control.method.session), [
    ["x-docker-expose-session-uuid", id],
    ["x-docker-expose-session-name", "hive"],
    ["x-docker-expose-session-sharedkey", sharedKey],
    ...announced.map(
      (method) => ["x-docker-expose-session-grpc-method", methodPath(method)] as const,
    ),
  ]);
  const server = serveGrpc(createTunnelStream(call), services);
  return {
    closed: over(server.closed, call.status),
    close() {
      // Resetting the call is the quiet way: after an orderly end the daemon still wants to say goodbye inside.
      call.cancel();
      server.close();
    },
  };
}

async function over(...ends: readonly Promise<unknown>[]): Promise<void> {
  await Promise.race(ends);
}
