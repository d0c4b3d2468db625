import { create, toBinary } from "@bufbuild/protobuf";
import { Packet_PacketType, PacketSchema, StatSchema } from "../../gen/session/fsutil_pb.ts";
import { goFileMode } from "./go-file-mode.ts";
import type { WalkedEntry } from "./walk-tree.ts";

/** The most that the head of a data packet takes: type, file id and length, each as varint. */
export const dataHeadRoom = 16;

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

/** Our thanks for the daemon's own FIN. */
export function finPacket(): Uint8Array {
  return toBinary(PacketSchema, create(PacketSchema, { type: Packet_PacketType.PACKET_FIN }));
}

/** Ends the transfer for a reason that the daemon puts in its own error. */
export function errorPacket(message: string): Uint8Array {
  const data = new TextEncoder().encode(message);
  return toBinary(PacketSchema, create(PacketSchema, { type: Packet_PacketType.PACKET_ERR, data }));
}

/**
 * The packet for `length` bytes of a file, which stand in `buffer` from {@link dataHeadRoom} on.
 * The head is written directly before them, so that file bytes aren't copied. Returns a view on `buffer`.
 */
export function dataPacket(buffer: Uint8Array, length: number, id: number): Uint8Array {
  const head = [0x08, Packet_PacketType.PACKET_DATA, 0x18, ...varint(id), 0x22, ...varint(length)];
  const start = dataHeadRoom - head.length;
  buffer.set(head, start);
  return buffer.subarray(start, dataHeadRoom + length);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}
