import { errorMessage } from "../../base/error-message.ts";
import { Packet_PacketType } from "../../gen/session/fsutil_pb.ts";
import type { FileEntry, FileTree } from "../file-tree.ts";
import {
  dataPacketHead,
  endOfEntriesPacket,
  endOfFilePacket,
  errorPacket,
  finPacket,
  type ReceivedPacket,
  statPacket,
} from "./packet.ts";
import { createQuickReader, readChunks } from "./read-chunks.ts";
import type { SyncRequest } from "./sync-headers.ts";
import { walkTree } from "./walk-tree.ts";

/** The daemon's end of a transfer. */
export type PacketPeer = {
  readonly packets: AsyncIterable<ReceivedPacket>;
  /** Sends an encoded packet, in pieces. A promise: wait before the next one. Fails when the call has ended. */
  send(packet: readonly Uint8Array[]): Promise<void> | void;
};

// As many as fsutil's own sender reads at once.
const filesAtOnce = 4;

/**
 * Sends a tree as fsutil does: announces every entry, serves the files that the daemon asks for meanwhile,
 * and returns when both have said that they are done.
 * @throws whatever kept us from reading the tree, after telling the daemon.
 */
export async function sendTree(
  tree: FileTree,
  filter: Omit<SyncRequest, "directory">,
  peer: PacketPeer,
): Promise<void> {
  const failure = Promise.withResolvers<never>();
  const files = new Map<number, FileEntry>();
  const queue: number[] = [];
  const readQuickly = createQuickReader();
  let started = 0;
  let workers = 0;
  // Stops what still runs, however the transfer ended.
  const over = new AbortController();

  async function announce(): Promise<void> {
    let id = 0;
    for await (const walked of walkTree(tree, filter)) {
      if (over.signal.aborted) return;
      if (walked.entry.type === "file") files.set(id, walked.entry);
      id++;
      await peer.send([statPacket(walked)]);
    }
    await peer.send([endOfEntriesPacket()]);
  }

  async function work(): Promise<void> {
    while (!over.signal.aborted && started < queue.length) {
      const id = queue[started++] ?? 0;
      const entry = files.get(id);
      if (entry === undefined)
        throw new Error(`the daemon asked for ${id}, which isn't a file to send`);
      files.delete(id);
      const whole = readQuickly(entry);
      if (whole !== undefined) {
        if (whole.length > 0) await peer.send([dataPacketHead(id, whole.length), whole]);
      } else
        for await (const chunk of readChunks(entry)) {
          if (over.signal.aborted) return;
          await peer.send([dataPacketHead(id, chunk.length), chunk]);
        }
      await peer.send([endOfFilePacket(id)]);
    }
  }

  async function guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      failure.reject(error);
    }
  }

  async function serve(): Promise<void> {
    workers++;
    await guarded(work);
    workers--;
  }

  async function receive(): Promise<void> {
    for await (const packet of peer.packets) {
      if (packet.type === Packet_PacketType.PACKET_FIN) return;
      if (packet.type === Packet_PacketType.PACKET_ERR) {
        throw new Error(`the daemon gave up: ${new TextDecoder().decode(packet.data)}`);
      }
      if (packet.type !== Packet_PacketType.PACKET_REQ) continue;
      queue.push(packet.ID);
      if (workers < filesAtOnce) void serve();
    }
    throw new Error("the daemon ended the transfer before it had everything");
  }

  try {
    void guarded(announce);
    await Promise.race([receive(), failure.promise]);
    await peer.send([finPacket()]);
  } catch (error) {
    await tell(peer, error);
    throw error;
  } finally {
    over.abort();
  }
}

// The call may be the very thing that failed.
async function tell(peer: PacketPeer, error: unknown): Promise<void> {
  try {
    await peer.send([errorPacket(errorMessage(error))]);
  } catch {
    // Nobody is left to hear it.
  }
}
