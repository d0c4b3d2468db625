import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { fileSendService } from "../../../src/buildkit/filesend/file-send-service.ts";
import type { Receive } from "../../../src/buildkit/filesend/receive.ts";
import { goFileMode } from "../../../src/buildkit/filesync/go-file-mode.ts";
import { BytesMessageSchema, FileSend } from "../../../src/gen/session/filesync_pb.ts";
import {
  type Packet,
  Packet_PacketType,
  PacketSchema,
  type StatSchema,
} from "../../../src/gen/session/fsutil_pb.ts";
import { createChannel } from "../../../src/grpc/channel.ts";
import type { ClientCall } from "../../../src/grpc/client-call.ts";
import type { Metadata } from "../../../src/grpc/metadata.ts";
import { methodPath } from "../../../src/grpc/method-path.ts";
import { serveGrpc } from "../../../src/grpc/serve-grpc.ts";
import { createMemoryPair } from "../../support/memory-pair.ts";

/** The daemon's end of FileSend, with our service behind it. It sends whatever a test wants. */
export type FileSender = Disposable & {
  open(metadata?: Metadata): ClientCall;
  readonly failures: unknown[];
  readonly metadata: Record<string, string>;
};

export function createFileSender(receive: Receive | undefined): FileSender {
  const [near, far] = createMemoryPair();
  const failures: unknown[] = [];
  const metadata: Record<string, string> = {};
  const service = fileSendService({
    receive,
    onMetadata: (found) => Object.assign(metadata, found),
    onTransfer: (transfer) => void transfer.catch(() => {}),
    onFailure: (error) => failures.push(error),
  });
  const server = serveGrpc(far, [service]);
  const channel = createChannel(near, { authority: "sender" });
  return {
    open: (fields = []) => channel.open(methodPath(FileSend.method.diffCopy), fields),
    failures,
    metadata,
    [Symbol.dispose]() {
      channel.close();
      server.close();
    },
  };
}

export function bytesMessage(data: Uint8Array): Uint8Array {
  return toBinary(BytesMessageSchema, create(BytesMessageSchema, { data }));
}

/** An entry to send; `linkname` of a file makes it a hard link. */
export type SentEntry = {
  readonly path: string;
  readonly type?: "file" | "directory" | "symlink" | "device";
  readonly mode?: number;
  readonly mtime?: bigint;
  readonly linkname?: string;
  readonly content?: string;
};

const { PACKET_DATA, PACKET_FIN, PACKET_REQ, PACKET_STAT } = Packet_PacketType;

export function packet(init: MessageInitShape<typeof PacketSchema>): Uint8Array {
  return toBinary(PacketSchema, create(PacketSchema, init));
}

export function statOf(entry: SentEntry): MessageInitShape<typeof StatSchema> {
  const { path, type = "file", mode = 0o644, mtime = 1_000_000_000n, linkname = "" } = entry;
  const bits = type === "device" ? 0x04000000 + (mode & 0o777) : goFileMode({ type, mode });
  return { path, mode: bits, modTime: mtime, linkname };
}

/** Sends entries as the daemon's sender does, file by file as they are asked for. @throws GrpcError of the call */
export async function sendEntries(call: ClientCall, entries: readonly SentEntry[]): Promise<void> {
  for (const entry of entries) await call.send(packet({ type: PACKET_STAT, stat: statOf(entry) }));
  await call.send(packet({ type: PACKET_STAT }));
  for await (const message of call.messages) {
    const { type, ID } = fromBinary(PacketSchema, message) satisfies Packet;
    if (type === PACKET_FIN) {
      await call.send(packet({ type: PACKET_FIN }));
      call.end();
    }
    if (type !== PACKET_REQ) continue;
    const data = new TextEncoder().encode(entries[ID]?.content ?? "");
    if (data.length > 0) await call.send(packet({ type: PACKET_DATA, ID, data }));
    await call.send(packet({ type: PACKET_DATA, ID }));
  }
}
