import { expect, test } from "bun:test";
import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDigest } from "../../src/oci/digest.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { refuseLinks } from "../../src/oci/refuse-links.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { thrownText } from "../support/thrown.ts";
import { run } from "../support/run.ts";

test("a layout that a link leads to, or that leads elsewhere, is refused before anything is swept", async () => {
  await using temp = await tempDirectory();
  const victim = join(temp.path, "victim");
  await Bun.write(join(victim, "tmp/precious"), "");
  const store = join(temp.path, "store");
  for (const path of [
    "",
    "tmp",
    "blobs",
    "blobs/sha256",
    "inputs",
    "inputs/contexts",
    "index.json",
  ]) {
    const link = join(store, path);
    await mkdir(dirname(link), { recursive: true });
    await symlink(victim, link);
    const hint =
      path === ""
        ? "Remove it: hive makes a directory there. To have it on another disk, mount one."
        : 'Remove it, or all of "ROOT/store": hive fills it again.';
    expect(await thrownText(() => openLayout(store), temp.path)).toBe(
      `usage: Cannot use "${join("ROOT/store", path)}": it is a symlink\n\n${hint}`,
    );
    await rm(store, { recursive: true });
  }
  expect(await readdir(join(victim, "tmp"))).toEqual(["precious"]);
});

test("a pipe in a layout is refused, as reading it would wait for ever", async () => {
  await using temp = await tempDirectory();
  const pipe = join(temp.path, "inputs/records/1.jsonl");
  await mkdir(dirname(pipe), { recursive: true });
  await run(["mkfifo", pipe]);
  expect(() => refuseLinks(temp.path)).toThrow(`Cannot use "${pipe}": it is no plain file`);
});

test("a layout is fine when it is not there, and when it is whole", async () => {
  await using temp = await tempDirectory();
  const store = join(temp.path, "store");
  refuseLinks(store);
  using layout = await openLayout(store);
  // What is unfinished is removed by its name, never followed.
  await symlink("/", join(layout.scratch, "link"));
  refuseLinks(store);
});

test("a blob that is a link is none", async () => {
  await using temp = await tempDirectory();
  using layout = await openLayout(temp.path);
  await Bun.write(join(temp.path, "secret"), "secret");
  const hex = "a".repeat(64);
  await symlink("../../secret", join(temp.path, "blobs/sha256", hex));
  expect(layout.blobs.find(parseDigest(`sha256:${hex}`))).toBeUndefined();
});
