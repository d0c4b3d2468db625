import { HealthCheckResponse_ServingStatus, Health } from "../gen/grpc/health_pb.ts";
import { FileSync } from "../gen/session/filesync_pb.ts";
import { grpcCode } from "../grpc/grpc-code.ts";
import { GrpcError } from "../grpc/grpc-error.ts";
import { grpcService, type GrpcService, type RawServerCall } from "../grpc/grpc-service.ts";
import { authService } from "./auth/auth-service.ts";
import type { TokenAuthority } from "./auth/token-authority.ts";
import { contentService, type ContentStores } from "./content/content-service.ts";
import type { FileTree } from "./file-tree.ts";
import { fileSendService } from "./filesend/file-send-service.ts";
import type { Receive } from "./filesend/receive.ts";
import { parsePacket, type ReceivedPacket } from "./filesync/packet.ts";
import { sendTree } from "./filesync/send-tree.ts";
import { parseSyncHeaders } from "./filesync/sync-headers.ts";
import { type FindSecret, secretService } from "./secret-service.ts";
import type { Credentials } from "./solve-request.ts";
import { type FindAgent, sshService } from "./ssh/ssh-service.ts";

type SessionServices = {
  /** Trees by the names that the frontend asks for. */
  readonly trees: ReadonlyMap<string, FileTree>;
  readonly credentials?: ((host: string) => Promise<Credentials | undefined>) | undefined;
  readonly tokens?: TokenAuthority | undefined;
  readonly secrets?: FindSecret | undefined;
  readonly ssh?: FindAgent | undefined;
  readonly stores?: ContentStores | undefined;
  readonly receive: Receive | undefined;
  /** What the exporter says of what it sends. */
  readonly onMetadata: (metadata: Readonly<Record<string, string>>) => void;
  /** Learns of each transfer of a result: it is settled when nothing half-written is left. */
  readonly onTransfer: (transfer: Promise<void>) => void;
  /** Why something of ours couldn't be served; the daemon wraps it in words of its own. */
  readonly onFailure: (error: unknown) => void;
  /**
   * The same for what a step asked for and can't get. It can't go on, and the daemon would try for five more seconds to
   * find a session that has it.
   */
  readonly onRefusal: (error: unknown) => void;
};

/** What the daemon may call in a build: health checks, files, credentials, secrets, ssh agents, content. */
export function sessionServices(options: SessionServices): GrpcService[] {
  const { trees, credentials, onFailure, onRefusal } = options;
  const { secrets = async () => undefined, ssh = () => undefined, stores = new Map() } = options;

  async function diffCopy(call: RawServerCall): Promise<void> {
    const request = parseSyncHeaders(call.metadata);
    const tree = trees.get(request.directory);
    if (tree === undefined) {
      throw new GrpcError(grpcCode.notFound, `no access allowed to dir "${request.directory}"`);
    }
    try {
      const packets = readPackets(call);
      await sendTree(tree, request, { packets, send: (parts) => call.sendParts(parts) });
    } catch (error) {
      // The daemon resets a transfer that it has no more use for.
      if (!call.signal.aborted) onFailure(error);
      throw error;
    }
  }

  return [
    grpcService(Health, {
      // The daemon drops a session that doesn't answer this every few seconds.
      check: () => ({ status: HealthCheckResponse_ServingStatus.SERVING }),
    }),
    grpcService(FileSync, { diffCopy: { raw: diffCopy } }),
    fileSendService(options),
    authService({ credentials, tokens: options.tokens, onFailure }),
    secretService(secrets, onRefusal),
    sshService(ssh, onRefusal),
    contentService(stores),
  ];
}

async function* readPackets(call: RawServerCall): AsyncGenerator<ReceivedPacket> {
  for await (const message of call.messages) yield parsePacket(message);
}
