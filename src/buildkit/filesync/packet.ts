import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Packet, Packet_PacketType, PacketSchema } from "../../gen/session/fsutil_pb.ts";
import { encodeVarint } from "../../grpc/encode-varint.ts";
import { goFileMode } from "./go-file-mode.ts";
import type { WalkedEntry } from "./walk-tree.ts";

/** What of a packet is read: the daemon announces nothing. */
export type ReceivedPacket = Pick<Packet, "type" | "ID" | "data">;

const nothing = new Uint8Array();

/** Reads a packet. By hand for requests, one of which comes for every file. @throws Error for what is no packet */
export function parsePacket(message: Uint8Array): ReceivedPacket {
  const { PACKET_REQ } = Packet_PacketType;
  if (message[0] === 0x08 && message[1] === PACKET_REQ && message[2] === 0x18) {
    let id = 0;
    let position = 3;
    for (let shift = 0; position < message.length && shift <= 28; shift += 7) {
      const octet = message[position++] ?? 0;
      id += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) break;
    }
    if (position === message.length) return { type: PACKET_REQ, ID: id, data: nothing };
  }
  return fromBinary(PacketSchema, message);
}

/**
 * The packet that announces one entry. Owner and group are root's: the user's own mean nothing in an image.
 * By hand, because there are as many as files: `Packet { stat = 2 { path = 1, mode = 2, size = 5, modTime = 6, linkname = 7 } }`.
 */
export function statPacket({ path, entry }: WalkedEntry): Uint8Array {
  const { linkname = "" } = entry;
  const pathLength = Buffer.byteLength(path);
  const linkLength = linkname === "" ? 0 : Buffer.byteLength(linkname);
  // A link's size is that of its target's name, as the daemon's own lstat will see it.
  const size = linkname === "" ? entry.size : linkLength;
  const packet = Buffer.allocUnsafe(pathLength + linkLength + longestNumbers);
  // The message inside is written first, behind room for what stands before it.
  let at = longestHead;
  packet[at++] = 0x0a;
  at = writeVarint(packet, at, pathLength, 0);
  at += packet.write(path, at);
  const mode = goFileMode(entry);
  if (mode !== 0) {
    packet[at++] = 0x10;
    at = writeVarint(packet, at, mode, 0);
  }
  if (size !== 0) {
    packet[at++] = 0x28;
    at = writeVarint(packet, at, size % 2 ** 32, Math.floor(size / 2 ** 32));
  }
  if (entry.mtime !== 0n) {
    const time = BigInt.asUintN(64, entry.mtime);
    packet[at++] = 0x30;
    at = writeVarint(packet, at, Number(BigInt.asUintN(32, time)), Number(time >> 32n));
  }
  if (linkname !== "") {
    packet[at++] = 0x3a;
    at = writeVarint(packet, at, linkLength, 0);
    at += packet.write(linkname, at);
  }
  const head = encodeVarint(at - longestHead);
  const start = longestHead - head.length - 1;
  packet[start] = 0x12;
  packet.set(head, start + 1);
  return packet.subarray(start, at);
}

/** A tag and a length before the message inside. */
const longestHead = 6;
/** All that isn't text: the head, five tags, two lengths and three numbers. */
const longestNumbers = longestHead + 5 + 2 * 5 + 3 * 10;

/** Writes a number of 64 bits, given as two of 32; returns where it ends. */
function writeVarint(target: Uint8Array, position: number, low: number, high: number): number {
  let at = position;
  let lower = low;
  let upper = high;
  while (upper > 0 || lower > 0x7f) {
    target[at++] = (lower & 0x7f) | 0x80;
    lower = ((lower >>> 7) | (upper << 25)) >>> 0;
    upper >>>= 7;
  }
  target[at++] = lower;
  return at;
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
