import { create, toBinary } from "@bufbuild/protobuf";
import { Packet_PacketType, PacketSchema, StatSchema } from "../../gen/session/fsutil_pb.ts";
import { encodeVarint } from "../../grpc/encode-varint.ts";
import { goFileMode } from "./go-file-mode.ts";
import type { WalkedEntry } from "./walk-tree.ts";

/** The packet that announces one entry. Owner and group are root's: the user's own mean nothing in an image. */
export function statPacket({ path, entry }: WalkedEntry): Uint8Array {
  // A link's size is that of its target's name, as the daemon's own lstat will see it.
  const size =
    entry.linkname === undefined ? BigInt(entry.size) : BigInt(Buffer.byteLength(entry.linkname));
  const stat = create(StatSchema, {
    path,
    mode: goFileMode(entry),
    size,
    modTime: entry.mtime,
    linkname: entry.linkname ?? "",
  });
  return toBinary(
    PacketSchema,
    create(PacketSchema, { type: Packet_PacketType.PACKET_STAT, stat }),
  );
}

/** The packet behind the last entry. */
export function endOfEntriesPacket(): Uint8Array {
  return toBinary(PacketSchema, create(PacketSchema, { type: Packet_PacketType.PACKET_STAT }));
}

/** The packet behind a file's last byte. */
export function endOfFilePacket(id: number): Uint8Array {
  return toBinary(
    PacketSchema,
    create(PacketSchema, { type: Packet_PacketType.PACKET_DATA, ID: id }),
  );
}

/** Asks for a file's content. */
export function requestPacket(id: number): Uint8Array {
  return toBinary(
    PacketSchema,
    create(PacketSchema, { type: Packet_PacketType.PACKET_REQ, ID: id }),
  );
}

/** Our thanks for the daemon's own FIN. */
export function finPacket(): Uint8Array {
  return toBinary(PacketSchema, create(PacketSchema, { type: Packet_PacketType.PACKET_FIN }));
}

/** Ends the transfer for a reason that the daemon puts in its own error. */
export function errorPacket(message: string): Uint8Array {
  const data = new TextEncoder().encode(message);
  return toBinary(PacketSchema, create(PacketSchema, { type: Packet_PacketType.PACKET_ERR, data }));
}

/** What stands before `length` bytes of a file to make them a data packet; so the bytes aren't copied. */
export function dataPacketHead(id: number, length: number): Uint8Array {
  const { PACKET_DATA } = Packet_PacketType;
  return Uint8Array.from([
    0x08,
    PACKET_DATA,
    0x18,
    ...encodeVarint(id),
    0x22,
    ...encodeVarint(length),
  ]);
}
