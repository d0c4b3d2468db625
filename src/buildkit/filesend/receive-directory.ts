import { fromBinary } from "@bufbuild/protobuf";
import { type Packet, Packet_PacketType, PacketSchema } from "../../gen/session/fsutil_pb.ts";
import { grpcCode } from "../../grpc/grpc-code.ts";
import { GrpcError } from "../../grpc/grpc-error.ts";
import type { RawServerCall } from "../../grpc/grpc-service.ts";
import { finPacket, requestPacket } from "../filesync/packet.ts";
import type { Destination } from "./destination.ts";
import { createTreeWriter } from "./tree-writer.ts";

/** Fewer than the daemon's own queue holds: so it always reads what we ask, and neither waits for the other. */
const requestsAtOnce = 64;

/**
 * Plays the receiver of fsutil's protocol: takes the entries that the daemon announces, asks for every file's content, and
 * ends when all is written.
 *
 * Packets are dealt with as they come, in the call's own turn, so a slow disk holds up the daemon and nothing piles up but
 * the names of files that are still to be asked for. Each write is small, and health checks come between.
 * @throws HiveError when something can't be written; GrpcError when the call breaks; RangeError for what the daemon must not send
 */
export async function receiveDirectory(
  call: RawServerCall,
  destination: Destination,
): Promise<void> {
  using writer = createTreeWriter(destination);
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const wanted: number[] = [];
  let asked = 0;
  let open = 0;
  let nextId = 0;
  let isAnnounced = false;
  let isFinished = false;
  let isSending = false;
  let hasFailed = false;

  function take(packet: Packet): void {
    switch (packet.type) {
      case Packet_PacketType.PACKET_STAT:
        if (packet.stat === undefined) isAnnounced = true;
        else if (isAnnounced)
          throw new RangeError("the daemon announced a file after the last one");
        else if (writer.announce(nextId++, packet.stat) === "wanted") wanted.push(nextId - 1);
        return;
      case Packet_PacketType.PACKET_DATA:
        if (packet.data.length > 0) writer.write(packet.ID, packet.data);
        else {
          writer.end(packet.ID);
          open--;
        }
        return;
      case Packet_PacketType.PACKET_FIN:
        if (!isFinished) throw new RangeError("the daemon ended before all had come");
        resolve();
        return;
      case Packet_PacketType.PACKET_ERR:
        throw new GrpcError(grpcCode.aborted, new TextDecoder().decode(packet.data));
      case Packet_PacketType.PACKET_REQ:
        throw new RangeError("the daemon asked for a file instead of sending one");
    }
  }

  // On its own, because a daemon that sends may not read at the moment, and has to be heard meanwhile.
  async function answer(): Promise<void> {
    isSending = true;
    try {
      while (asked < wanted.length && open < requestsAtOnce) {
        const id = wanted[asked++] ?? 0;
        open++;
        writer.expect(id);
        await call.send(requestPacket(id));
      }
      if (asked === wanted.length) {
        asked = 0;
        wanted.length = 0;
        if (isAnnounced && open === 0 && !isFinished) {
          isFinished = true;
          writer.finish();
          await call.send(finPacket());
        }
      }
    } catch (error) {
      fail(error);
    } finally {
      isSending = false;
    }
  }

  function fail(error: unknown): void {
    hasFailed = true;
    reject(error);
  }

  call.messages.subscribe({
    message(message) {
      if (hasFailed) return;
      try {
        take(fromBinary(PacketSchema, message));
      } catch (error) {
        fail(error);
        return;
      }
      if (!isSending && (asked < wanted.length || (isAnnounced && open === 0))) void answer();
    },
    end: (error) =>
      fail(error ?? new GrpcError(grpcCode.dataLoss, "the daemon ended before all had come")),
  });
  await over;
}
