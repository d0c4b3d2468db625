import { expect, test } from "bun:test";
import { mkdir, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { directorySources } from "../../src/context/directory-sources.ts";
import { ignorePatterns } from "../../src/context/ignore-patterns.ts";
import { readIgnore } from "../../src/context/read-ignore.ts";
import { targetContext } from "../../src/context/target-context.ts";
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

test("ignore files that are far too big are named, not read", async () => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "Dockerfile");
  await writeFile(`${path}.dockerignore`, "");
  await truncate(`${path}.dockerignore`, 2 ** 33);
  expect(() => readIgnore(path)).toThrow(`Cannot read "${path}.dockerignore": it has more than`);
  const ignore = join(directory.path, ".dockerignore");
  await rename(`${path}.dockerignore`, ignore);
  const tree = targetContext(directorySources(directory.path, false));
  expect(ignorePatterns(tree, undefined)).rejects.toThrow(
    `Cannot read "${ignore}": it has more than`,
  );
});
