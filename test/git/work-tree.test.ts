import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { currentBranch } from "../../src/git/current-branch.ts";
import { findRepository, type Repository } from "../../src/git/find-repository.ts";
import { isModified } from "../../src/git/is-modified.ts";
import { gitEnvironment, type GitRepository, gitRepository } from "../support/git-repository.ts";

async function opened({ path }: GitRepository): Promise<Repository> {
  const found = await findRepository(path, gitEnvironment);
  if (found === undefined) throw new Error("There is no repository");
  return found;
}

test("isModified() sees what is changed, staged or gone, not what is new", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "a/f": "1", "b/f": "1" });
  const found = await opened(repository);
  expect(await isModified(found)).toBe(false);
  await repository.write({ "a/new": "1" });
  expect(await isModified(found)).toBe(false);
  await repository.write({ "a/f": "2" });
  expect(await isModified(found)).toBe(true);
  await repository.git("add", "a/f");
  expect(await isModified(found)).toBe(true);
  await repository.git("reset", "-q", "--hard");
  // Touched, and the same: git compares.
  await repository.write({ "a/f": "1" });
  expect(await isModified(found)).toBe(false);
  await rm(join(repository.path, "b/f"));
  expect(await isModified(found)).toBe(true);
});

test("currentBranch() is undefined where a commit is checked out", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { f: "1" });
  const found = await opened(repository);
  expect(await currentBranch(found)).toBe("main");
  await repository.git("checkout", "-q", "-b", "feature/a");
  expect(await currentBranch(found)).toBe("feature/a");
  await repository.git("checkout", "-q", "--detach");
  expect(await currentBranch(found)).toBeUndefined();
});
