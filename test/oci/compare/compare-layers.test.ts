import { describe, expect, test } from "bun:test";
import { chmod, link, mkdir, rm, symlink, truncate, utimes } from "node:fs/promises";
import { join } from "node:path";
import { compareLayers, type EntryDifference } from "../../../src/oci/compare/compare-layers.ts";
import { type TempDirectory, tempDirectory } from "../../support/temp-directory.ts";

const time = new Date("2024-01-01");
const longName = `${"d".repeat(90)}/${"f".repeat(120)}`;

/** What a layer may have, in a directory; the real tar packs it. */
async function tree(): Promise<TempDirectory> {
  const directory = await tempDirectory();
  const at = (path: string): string => join(directory.path, path);
  await Bun.write(at("etc/conf"), "a=b\n");
  await Bun.write(at("etc/empty"), "");
  await Bun.write(at(longName), "x".repeat(700));
  await Bun.write(at("big"), Buffer.alloc(300_000, 7));
  await symlink("l".repeat(150), at("link"));
  await link(at("etc/conf"), at("other"));
  await mkdir(at("directory"));
  for (const path of ["etc/conf", "etc/empty", longName, "big"]) await utimes(at(path), time, time);
  return directory;
}

async function pack(directory: string, format: string, ...more: string[]): Promise<Uint8Array> {
  const owner = ["--owner=0", "--group=0", ...more];
  const times = ["--mtime=@1700000000", "--clamp-mtime"];
  const child = Bun.spawn(
    ["tar", "-c", `--format=${format}`, "--sort=name", ...owner, ...times, "-C", directory, "."],
    { stdout: "pipe" },
  );
  return await child.stdout.bytes();
}

/** In pieces of odd sizes, other ones on each side. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function compare(first: Uint8Array, second: Uint8Array): Promise<EntryDifference | undefined> {
  return compareLayers(pieces(first, 1000), pieces(second, 777));
}

describe.each(["pax", "gnu"])("layers as %s", (format) => {
  test("of the same files have no difference, whatever they are packed in", async () => {
    await using directory = await tree();
    const bytes = await pack(directory.path, format);
    expect(await compare(bytes, bytes)).toBeUndefined();
    expect(await compare(bytes, await pack(directory.path, format))).toBeUndefined();
  });

  test.each<[string, (at: (path: string) => string) => Promise<unknown>, EntryDifference]>([
    [
      "content",
      async (at) => {
        const bytes = Buffer.alloc(300_000, 7);
        bytes[123_456] = 8;
        await Bun.write(at("big"), bytes);
        await utimes(at("big"), time, time);
      },
      {
        path: "/big",
        what: "content",
        first: "300000 bytes",
        second: "300000 bytes",
        offset: 123_456,
      },
    ],
    [
      "a longer file",
      async (at) => {
        await truncate(at(longName), 600);
        await utimes(at(longName), time, time);
      },
      {
        path: `/${longName}`,
        what: "content",
        first: "700 bytes",
        second: "600 bytes",
        offset: 600,
      },
    ],
    [
      "a mode",
      (at) => chmod(at("etc/empty"), 0o4755),
      { path: "/etc/empty", what: "mode", first: "0644", second: "4755" },
    ],
    [
      "a time",
      (at) => utimes(at("etc/empty"), 1, 1),
      { path: "/etc/empty", what: "mtime", first: "1700000000", second: "1" },
    ],
    [
      "a link",
      async (at) => {
        await rm(at("link"));
        await symlink("elsewhere", at("link"));
      },
      { path: "/link", what: "link", first: "l".repeat(150), second: "elsewhere" },
    ],
    [
      "a type",
      async (at) => {
        await rm(at("directory"), { recursive: true });
        await Bun.write(at("directory"), "");
      },
      { path: "/directory", what: "type", first: "directory", second: "file" },
    ],
    [
      "a file that is not there",
      (at) => rm(at("etc/empty")),
      { path: "/etc/empty", what: "missing", first: "file", second: "missing" },
    ],
    [
      "a file too much",
      (at) => Bun.write(at("etc/more"), ""),
      { path: "/etc/more", what: "missing", first: "missing", second: "file" },
    ],
    [
      "the last file",
      (at) => Bun.write(at("zzz"), ""),
      { path: "/zzz", what: "missing", first: "missing", second: "file" },
    ],
  ])("that differ in %s", async (_, change, difference) => {
    await using directory = await tree();
    const before = await pack(directory.path, format);
    await change((path) => join(directory.path, path));
    const after = await pack(directory.path, format);
    expect(await compare(before, after)).toEqual(difference);
  });
});

test("owners and attributes count", async () => {
  await using directory = await tree();
  const plain = await pack(directory.path, "pax");
  const owned = await pack(directory.path, "pax", "--owner=5");
  expect(await compare(plain, owned)).toMatchObject({ what: "owner", first: "0:0", second: "5:0" });
  const marked = await pack(directory.path, "pax", "--pax-option=SCHILY.xattr.user.a:=1");
  expect(await compare(plain, marked)).toMatchObject({
    what: "SCHILY.xattr.user.a",
    first: "none",
    second: "1",
  });
});

test("what is no tar, or breaks off, is an error", async () => {
  await using directory = await tree();
  const bytes = await pack(directory.path, "pax");
  const garbage = new Uint8Array(2000).fill(65);
  expect(compare(bytes, garbage)).rejects.toThrow("no tar");
  expect(compare(bytes, bytes.subarray(0, 1500))).rejects.toThrow(SyntaxError);
  expect(await compare(new Uint8Array(), new Uint8Array(1024))).toBeUndefined();
});
