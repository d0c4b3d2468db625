import { expect, test } from "bun:test";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readOptionalText } from "../../src/base/read-optional-text.ts";
import { rejection } from "../support/rejection.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("reads what is there", async () => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "file");
  await writeFile(path, "text");
  expect(await readOptionalText(path)).toBe("text");
  expect(await readOptionalText(join(directory.path, "other"))).toBeUndefined();
  expect(await readOptionalText(join(path, "below a file"))).toBeUndefined();
});

test("says why it can't, and what to do", async () => {
  await using directory = await tempDirectory();
  expect(await rejection(readOptionalText(directory.path))).toMatchObject({
    kind: "failed",
    message: `Cannot read "${directory.path}": it is a directory`,
    hint: "Give a file, or move the directory away.",
  });
  const loop = join(directory.path, "loop");
  await symlink("loop", loop);
  const options = { kind: "usage", what: "users file" } as const;
  expect(await rejection(readOptionalText(loop, options))).toMatchObject({
    kind: "usage",
    message: `Cannot read the users file "${loop}": ELOOP`,
    hint: "Check the file, and the disk that it is on.",
  });
});
