import { expect, test } from "bun:test";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { writeFiles } from "../../src/pipeline/write-files.ts";
import { rejection } from "../support/rejection.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const options = { check: false, mayReplace: () => true };

test("files are written where nothing is yet, also through a link within", async () => {
  await using directory = await tempDirectory();
  const root = join(directory.path, "new");
  await writeFiles(root, [{ path: "a/b.yml", text: "1" }], options);
  await symlink("a", join(root, "link"));
  await writeFiles(root, [{ path: "link/c.yml", text: "2" }], options);
  expect((await readdir(join(root, "a"))).toSorted()).toEqual(["b.yml", "c.yml"]);
});

test.each([".github", ".github/workflows", ".github/workflows/hive.yml"])(
  "a repository whose %s is a link to elsewhere writes nothing there",
  async (link) => {
    await using directory = await tempDirectory();
    const [root, elsewhere] = ["repository", "elsewhere"].map((name) => join(directory.path, name));
    await mkdir(join(root ?? "", link, ".."), { recursive: true });
    await mkdir(elsewhere ?? "");
    await symlink(elsewhere ?? "", join(root ?? "", link));
    const files = [{ path: ".github/workflows/hive.yml", text: "on: push" }];
    const error = await rejection(writeFiles(root ?? "", files, options));
    expect(error).toMatchObject({
      kind: "usage",
      message: `Cannot write ".github/workflows/hive.yml": a symlink leads out of "${root}"`,
    });
    expect(await readdir(elsewhere ?? "")).toEqual([]);
  },
);
