import { FileSend } from "../../gen/session/filesync_pb.ts";
import { grpcCode } from "../../grpc/grpc-code.ts";
import { GrpcError } from "../../grpc/grpc-error.ts";
import { grpcService, type GrpcService, type RawServerCall } from "../../grpc/grpc-service.ts";
import { metadataValues } from "../../grpc/metadata.ts";
import { createDestination } from "./destination.ts";
import type { Receive } from "./receive.ts";
import { receiveDirectory } from "./receive-directory.ts";
import { receiveFile } from "./receive-file.ts";

type FileSendOptions = {
  /** Of the build's only exporter. Undefined: nothing is taken. */
  readonly receive: Receive | undefined;
  /** What the daemon says of what it sends, as `containerimage.digest`. */
  readonly onMetadata: (metadata: Readonly<Record<string, string>>) => void;
  /** Learns of each transfer: it is settled when nothing half-written is left. */
  readonly onTransfer: (transfer: Promise<void>) => void;
  /** Why something couldn't be written; the daemon wraps it in words of its own. */
  readonly onFailure: (error: unknown) => void;
};

const metadataPrefix = "exporter-md-";

/**
 * Takes what a build made. What comes is a file or a directory as the exporter was chosen: nothing in the call tells.
 * A directory may come in several calls at once, one a platform, each with its own part of the tree.
 * The daemon holds the build until a call ends, so it ends when all is written.
 */
export function fileSendService(options: FileSendOptions): GrpcService {
  const { receive, onMetadata, onTransfer, onFailure } = options;
  const destination =
    receive?.kind === "directory" ? createDestination(receive.path, receive.onSkipped) : undefined;
  let fileHasCome = false;

  async function take(call: RawServerCall): Promise<void> {
    // Daemons that know of one exporter only send no id.
    const id = metadataValues(call.metadata, "buildkit-attachable-exporter-id")[0] ?? "0";
    if (receive === undefined || id !== "0") {
      throw new GrpcError(grpcCode.notFound, `nothing is received for the exporter ${id}`);
    }
    onMetadata(exporterMetadata(call));
    if (destination !== undefined) return await receiveDirectory(call, destination);
    if (fileHasCome) throw new GrpcError(grpcCode.failedPrecondition, "the result came already");
    fileHasCome = true;
    return await receiveFile(call, receive.path);
  }

  return grpcService(FileSend, {
    diffCopy: {
      raw: async (call) => {
        const transfer = take(call);
        onTransfer(transfer);
        try {
          await transfer;
        } catch (error) {
          // The daemon resets a transfer that it has no more use for.
          if (!call.signal.aborted) onFailure(error);
          throw error;
        }
      },
    },
  });
}

function exporterMetadata({ metadata }: RawServerCall): Record<string, string> {
  return Object.fromEntries(
    metadata
      .filter(([name]) => name.startsWith(metadataPrefix))
      .map(([name, value]) => [name.slice(metadataPrefix.length), value]),
  );
}
