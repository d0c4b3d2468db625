import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readIgnore } from "../../src/context/read-ignore.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("readIgnore() reads the file that is for this Dockerfile alone", async () => {
  await using directory = await tempDirectory();
  const dockerfile = join(directory.path, "Dockerfile");
  expect(readIgnore(dockerfile)).toBeUndefined();
  await writeFile(`${dockerfile}.dockerignore`, "*.md\n");
  expect(readIgnore(dockerfile)).toBe("*.md\n");
});

test("readIgnore() takes nothing else for it, and waits for no pipe's writer", async () => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "Dockerfile");
  await mkdir(`${path}.dockerignore`);
  expect(readIgnore(path)).toBeUndefined();
  const other = join(directory.path, "other");
  expect(Bun.spawnSync(["mkfifo", `${other}.dockerignore`]).exitCode).toBe(0);
  expect(readIgnore(other)).toBeUndefined();
});
