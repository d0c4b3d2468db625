import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import fc from "fast-check";
import { goFileMode } from "../../../src/buildkit/filesync/go-file-mode.ts";
import { parsePacket, requestPacket, statPacket } from "../../../src/buildkit/filesync/packet.ts";
import { Packet_PacketType, PacketSchema } from "../../../src/gen/session/fsutil_pb.ts";

test("statPacket() writes what the generated code reads", () => {
  const entries = fc.record({
    path: fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }),
    type: fc.constantFrom("file", "directory", "symlink"),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    size: fc.maxSafeNat(),
    mtime: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    linkname: fc.string({ unit: "grapheme", maxLength: 300 }),
  });
  fc.assert(
    fc.property(entries, ({ path, linkname, ...fields }) => {
      const link = linkname === "" ? {} : { linkname };
      const entry = { name: path, ...fields, ...link };
      const { stat, type } = fromBinary(PacketSchema, statPacket({ path, entry }));
      expect(type).toBe(Packet_PacketType.PACKET_STAT);
      expect(stat).toMatchObject({
        path,
        linkname,
        mode: goFileMode(entry),
        size: linkname === "" ? BigInt(entry.size) : BigInt(Buffer.byteLength(linkname)),
        modTime: entry.mtime,
        uid: 0,
        gid: 0,
      });
    }),
  );
});

test("parsePacket() reads what the generated code writes", () => {
  const packets = fc.record({
    type: fc.constantFrom(
      Packet_PacketType.PACKET_STAT,
      Packet_PacketType.PACKET_REQ,
      Packet_PacketType.PACKET_DATA,
      Packet_PacketType.PACKET_FIN,
    ),
    ID: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    data: fc.uint8Array({ maxLength: 20 }),
  });
  fc.assert(
    fc.property(packets, (packet) => {
      const message = toBinary(PacketSchema, create(PacketSchema, packet));
      expect(parsePacket(message)).toMatchObject(packet);
    }),
  );
  expect(parsePacket(requestPacket(300))).toMatchObject({ ID: 300 });
  expect(() => parsePacket(new Uint8Array([8, 2, 0x18, 0xff]))).toThrow();
});
