import { create, fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileTree } from "../../../src/buildkit/file-tree.ts";
import { sendTree } from "../../../src/buildkit/filesync/send-tree.ts";
import { createMemoryTree } from "../../../src/buildkit/memory-tree.ts";
import {
  type Packet,
  Packet_PacketType,
  PacketSchema,
} from "../../../src/gen/session/fsutil_pb.ts";
import { directoryTree } from "../../support/directory-tree.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

const everything = { includes: [], excludes: [], followPaths: [] };
const { PACKET_DATA, PACKET_ERR, PACKET_FIN, PACKET_REQ, PACKET_STAT } = Packet_PacketType;

/** A receiver that answers each packet as `react` says, until it ends its side. */
function createReceiver(react: (packet: Packet, answer: (packet?: Packet) => void) => void) {
  const answers: (Packet | undefined)[] = [];
  let wake = Promise.withResolvers<undefined>();
  const received: Packet[] = [];
  const answer = (packet?: Packet): void => {
    answers.push(packet);
    wake.resolve(undefined);
  };
  async function* packets(): AsyncGenerator<Packet> {
    for (;;) {
      if (answers.length === 0) await wake.promise;
      wake = Promise.withResolvers<undefined>();
      while (answers.length > 0) {
        const packet = answers.shift();
        if (packet === undefined) return;
        yield packet;
      }
    }
  }
  return {
    received,
    peer: {
      packets: packets(),
      // Every other packet asks to wait, as a slow connection does.
      send(parts: readonly Uint8Array[]): Promise<void> | undefined {
        const packet = fromBinary(PacketSchema, Buffer.concat(parts));
        received.push(packet);
        react(packet, answer);
        return received.length % 2 === 0 ? Bun.sleep(0) : undefined;
      },
    },
  };
}

const request = (ID: number): Packet => create(PacketSchema, { type: PACKET_REQ, ID });
const fin = create(PacketSchema, { type: PACKET_FIN });

/** Asks for every file as soon as it is announced, and is done when all have come. */
function createGreedyReceiver() {
  const contents = new Map<number, Uint8Array[]>();
  const paths: string[] = [];
  let open = 0;
  let announced = false;
  const receiver = createReceiver((packet, answer) => {
    if (packet.type === PACKET_STAT && packet.stat !== undefined) {
      const id = paths.push(packet.stat.path) - 1;
      if (packet.stat.mode <= 0o777) {
        open++;
        contents.set(id, []);
        answer(request(id));
      }
    } else if (packet.type === PACKET_STAT) announced = true;
    if (packet.type === PACKET_DATA && packet.data.length > 0)
      contents.get(packet.ID)?.push(packet.data);
    if (packet.type === PACKET_DATA && packet.data.length === 0) open--;
    if (announced && open === 0 && packet.type !== PACKET_FIN) answer(fin);
  });
  const files = (): Record<string, string> =>
    Object.fromEntries(
      [...contents].map(([id, chunks]) => [paths[id] ?? "", Buffer.concat(chunks).toString()]),
    );
  return { ...receiver, files };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("sendTree()", () => {
  test("announces everything and serves each file that is asked for", async () => {
    const large = "0123456789".repeat(100_000);
    const tree = createMemoryTree(
      [
        { path: "a/large", bytes: bytes(large) },
        { path: "a/empty", bytes: new Uint8Array() },
        { path: "link", linkname: "a/large" },
        ...Array.from({ length: 40 }, (_, index) => ({
          path: `m/${index}`,
          bytes: bytes(`${index}`),
        })),
      ],
      5n,
    );
    const receiver = createGreedyReceiver();
    await sendTree(tree, everything, receiver.peer);
    expect(receiver.files()).toEqual({
      "a/empty": "",
      "a/large": large,
      ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`m/${index}`, `${index}`])),
    });
    expect(receiver.received.at(-1)?.type).toBe(PACKET_FIN);
    const stats = receiver.received.flatMap(({ stat }) => stat ?? []);
    expect(stats.find(({ path }) => path === "link")).toMatchObject({
      mode: 0x08000000 | 0o777,
      linkname: "a/large",
      size: 7n,
      modTime: 5n,
      uid: 0,
      gid: 0,
    });
    const longest = Math.max(...receiver.received.map(({ data }) => data.length));
    expect(longest).toBeLessThanOrEqual(256 * 1024);
  });

  test("reads files from disk, and takes one that vanished for an empty one", async () => {
    await using directory = await tempDirectory();
    const root = directory.path;
    const large = "x".repeat(300_000);
    await writeFile(join(root, "large"), large);
    await writeFile(join(root, "small"), "small");
    await writeFile(join(root, "vanishing"), "gone before it is read");
    const tree = directoryTree(root);
    const vanishing: FileTree = {
      ...tree,
      list: async (path) => {
        const entries = await tree.list(path);
        await rm(join(root, "vanishing"));
        return entries;
      },
    };
    const receiver = createGreedyReceiver();
    await sendTree(vanishing, everything, receiver.peer);
    expect(receiver.files()).toEqual({ large, small: "small", vanishing: "" });
  });

  test("sends an error and throws it when the tree can't be read", async () => {
    const receiver = createReceiver(() => {});
    const tree: FileTree = {
      ...createMemoryTree([], 1n),
      list: async () => Promise.reject(new Error("disk on fire")),
    };
    const sending = sendTree(tree, everything, receiver.peer);
    expect(await sending.catch(String)).toBe("Error: disk on fire");
    expect(
      receiver.received.map(({ type, data }) => [type, new TextDecoder().decode(data)]),
    ).toEqual([[PACKET_ERR, "disk on fire"]]);
  });

  test.each([
    ["asks for what isn't a file", request(0), "asked for 0"],
    [
      "gives up",
      create(PacketSchema, { type: PACKET_ERR, data: bytes("no space left") }),
      "no space left",
    ],
    ["ends too early", undefined, "ended the transfer"],
  ])("throws when the daemon %s", async (_, answered, message) => {
    const tree = createMemoryTree([{ path: "dir/file", bytes: bytes("x") }], 1n);
    const receiver = createReceiver((packet, answer) => {
      if (packet.type === PACKET_STAT && packet.stat === undefined) answer(answered);
    });
    expect(await sendTree(tree, everything, receiver.peer).catch(String)).toContain(message);
  });
});
