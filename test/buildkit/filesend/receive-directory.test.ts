import { describe, expect, test } from "bun:test";
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../../src/base/hive-error.ts";
import { Packet_PacketType } from "../../../src/gen/session/fsutil_pb.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import {
  createFileSender,
  packet,
  sendEntries,
  type SentEntry,
  statOf,
} from "../support/file-sender.ts";

/** A destination `out`, and beside it what nobody may touch. */
async function setUp() {
  const directory = await tempDirectory();
  const root = directory.path;
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "outside", "precious"), "precious");
  const out = join(root, "out");
  const skipped: string[] = [];
  const sender = createFileSender({
    kind: "directory",
    path: out,
    onSkipped: (path) => skipped.push(path),
  });
  return {
    root,
    out,
    sender,
    skipped,
    async [Symbol.asyncDispose]() {
      sender[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** All that is below a directory but for `out`, as it was set up. */
async function expectUntouched(root: string): Promise<void> {
  expect((await readdir(root)).filter((name) => name !== "out")).toEqual(["outside"]);
  expect(await readdir(join(root, "outside"))).toEqual(["precious"]);
  const precious = join(root, "outside", "precious");
  expect(await readFile(precious, "utf8")).toBe("precious");
  expect((await stat(precious)).nlink).toBe(1);
}

describe("receiveDirectory()", () => {
  test("lays out files, links and directories with their modes and times", async () => {
    await using parts = await setUp();
    const large = "0123456789".repeat(50_000);
    const mtime = 1_234_567_890_500_000_000n;
    await sendEntries(parts.sender.open(), [
      { path: "closed", type: "directory", mode: 0o555, mtime },
      { path: "closed/file", content: "inside", mode: 0o600, mtime },
      { path: "closed/hard", linkname: "closed/file" },
      { path: "closed.large", content: large },
      { path: "device", type: "device" },
      { path: "empty" },
      { path: "link", type: "symlink", linkname: "/etc/passwd", mtime },
      { path: "setuid", mode: 0o6755, content: "x" },
      ...Array.from({ length: 300 }, (_, index) => ({
        path: `x${String(index).padStart(3, "0")}`,
        content: String(index),
      })),
    ]);
    const { out } = parts;
    expect(await readFile(join(out, "closed/file"), "utf8")).toBe("inside");
    expect(await readFile(join(out, "closed.large"), "utf8")).toBe(large);
    expect(await readFile(join(out, "empty"), "utf8")).toBe("");
    expect(await readFile(join(out, "x299"), "utf8")).toBe("299");
    expect(await readlink(join(out, "link"))).toBe("/etc/passwd");
    const [directory, file, hard, link, setuid] = await Promise.all(
      ["closed", "closed/file", "closed/hard", "link", "setuid"].map((name) =>
        lstat(join(out, name)),
      ),
    );
    expect([directory?.mode, file?.mode, setuid?.mode].map((mode = 0) => mode & 0o7777)).toEqual([
      0o555, 0o600, 0o755,
    ]);
    expect([directory, file, link].map((found) => found?.mtimeMs)).toEqual(
      Array.from({ length: 3 }, () => 1_234_567_890_500),
    );
    expect(hard?.ino).toBe(file?.ino);
    expect(parts.skipped).toEqual(["device"]);
    expect(await readdir(out)).toHaveLength(305);
    expect(parts.sender.failures).toEqual([]);
  });

  test("takes the parts of several platforms at once", async () => {
    await using parts = await setUp();
    await Promise.all(
      ["linux_amd64", "linux_arm64"].map((platform) =>
        sendEntries(parts.sender.open([["buildkit-attachable-exporter-id", "0"]]), [
          { path: platform, type: "directory", mode: 0o755 },
          { path: `${platform}/file`, content: platform },
        ]),
      ),
    );
    for (const platform of ["linux_amd64", "linux_arm64"]) {
      expect(await readFile(join(parts.out, platform, "file"), "utf8")).toBe(platform);
    }
  });

  const link = { path: "link", type: "symlink", linkname: "../outside" } as const;
  const directory = { path: "d", type: "directory", mode: 0o755 } as const;
  test.each<[string, readonly SentEntry[]]>([
    ["leads out", [{ path: "../outside/x" }]],
    ["is absolute", [{ path: "/tmp/x" }]],
    ["leads out from inside", [directory, { path: "d/../../outside/x" }]],
    ["is empty", [{ path: "" }]],
    ["is the root", [{ path: "." }]],
    ["is the parent", [{ path: "..", type: "directory" }]],
    ["has an empty part", [directory, { path: "d//x" }]],
    ["has a null character", [{ path: "a\0b" }]],
    ["goes through a link", [link, { path: "link/precious", content: "stolen" }]],
    ["makes a directory in a link", [link, { path: "link/d", type: "directory" }]],
    ["makes a link in a link", [link, { path: "link/l", type: "symlink", linkname: "x" }]],
    ["has no directory", [{ path: "nowhere/x" }]],
    ["comes twice", [{ path: "a" }, { path: "a" }]],
    ["comes as link, then as file", [link, { path: "link", content: "stolen" }]],
    ["comes as directory, then as link", [directory, { ...link, path: "d" }]],
    ["is out of order", [{ path: "b" }, { path: "a" }]],
    ["links to what is outside", [{ path: "x", linkname: "../outside/precious" }]],
    ["links through a link", [link, { path: "x", linkname: "link/precious" }]],
    ["links to a link", [link, { path: "x", linkname: "link" }]],
    ["links to nothing", [{ path: "x", linkname: "y" }]],
  ])("refuses a path that %s", async (_, entries) => {
    await using parts = await setUp();
    const sending = sendEntries(parts.sender.open(), entries);
    expect(await sending.catch(String)).toContain("the daemon sent");
    expect(parts.sender.failures).toHaveLength(1);
    await expectUntouched(parts.root);
  });

  test("does not let one transfer make a link of another's directory", async () => {
    await using parts = await setUp();
    const first = parts.sender.open();
    await first.send(packet({ type: Packet_PacketType.PACKET_STAT, stat: statOf(directory) }));
    await first.send(
      packet({ type: Packet_PacketType.PACKET_STAT, stat: statOf({ path: "d/precious" }) }),
    );
    const request = await first.messages[Symbol.asyncIterator]().next();
    expect(request.done).toBe(false);
    const second = sendEntries(parts.sender.open(), [{ ...link, path: "d" }]);
    expect(await second.catch(String)).toContain("a directory is there");
    await expectUntouched(parts.root);
    expect((await lstat(join(parts.out, "d"))).isDirectory()).toBe(true);
  });

  test("replaces links that are there, and never follows them", async () => {
    await using parts = await setUp();
    const { out, root } = parts;
    await mkdir(out);
    await symlink("../outside", join(out, "d"));
    await symlink("../outside/precious", join(out, "f"));
    await sendEntries(parts.sender.open(), [
      directory,
      { path: "d/precious", content: "other" },
      { path: "f", content: "other" },
    ]);
    await expectUntouched(root);
    expect(await readFile(join(out, "d/precious"), "utf8")).toBe("other");
    expect(await readFile(join(out, "f"), "utf8")).toBe("other");
  });

  test("keeps a directory in whose place a file would come", async () => {
    await using parts = await setUp();
    await mkdir(join(parts.out, "f"), { recursive: true });
    await writeFile(join(parts.out, "f", "mine"), "mine");
    await sendEntries(parts.sender.open(), [{ path: "f", content: "x" }]).catch(String);
    expect(parts.sender.failures[0]).toBeInstanceOf(HiveError);
    expect(await readFile(join(parts.out, "f", "mine"), "utf8")).toBe("mine");
  });

  const { PACKET_DATA, PACKET_FIN, PACKET_STAT } = Packet_PacketType;
  const file = packet({ type: PACKET_STAT, stat: statOf({ path: "f" }) });
  const last = packet({ type: PACKET_STAT });
  test.each([
    ["unasked content", [packet({ type: PACKET_DATA, ID: 7, data: new Uint8Array(1) })], "unasked"],
    ["unasked ends", [packet({ type: PACKET_DATA, ID: 7 })], "unasked"],
    ["an early end", [file, last, packet({ type: PACKET_FIN })], "before all had come"],
    ["files behind the last", [last, file], "after the last one"],
    ["a request", [packet({ type: Packet_PacketType.PACKET_REQ })], "instead of sending"],
  ])("refuses %s", async (_, packets, message) => {
    await using parts = await setUp();
    const call = parts.sender.open();
    for (const one of packets) await call.send(one);
    expect((await call.status).message).toContain(message);
  });

  test("leaves the old file and nothing else when the transfer breaks", async () => {
    await using parts = await setUp();
    await mkdir(parts.out);
    await writeFile(join(parts.out, "f"), "old");
    const call = parts.sender.open();
    await call.send(file);
    await call.messages[Symbol.asyncIterator]().next();
    await call.send(packet({ type: PACKET_DATA, ID: 0, data: new TextEncoder().encode("half") }));
    call.end();
    expect((await call.status).message).toContain("before all had come");
    expect(await readdir(parts.out)).toEqual(["f"]);
    expect(await readFile(join(parts.out, "f"), "utf8")).toBe("old");
  });
});
