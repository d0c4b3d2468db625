import { expect, test } from "bun:test";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readEntries } from "../../src/context/read-entries.ts";
import { readEntry } from "../../src/context/read-entry.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("readEntries() gives each path's entry, in order, with nothing for what isn't there", async () => {
  await using directory = await tempDirectory();
  const names = ["b", "gone", "a", "link"];
  const paths = names.map((name) => join(directory.path, name));
  await writeFile(join(directory.path, "a"), "a");
  await writeFile(join(directory.path, "b"), "bb");
  await symlink("a", join(directory.path, "link"));
  const expected = await Promise.all(paths.map(readEntry));
  expect(await readEntries(paths)).toEqual(expected);
  expect(expected.map((entry) => entry?.name)).toEqual(["b", undefined, "a", "link"]);
  expect(expected.map((entry) => entry?.type)).toEqual(["file", undefined, "file", "symlink"]);
});
