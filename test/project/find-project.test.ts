import { expect, test } from "bun:test";
import { join } from "node:path";
import { findProject } from "../../src/project/find-project.ts";
import { tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

for (const name of ["hive.yaml", "hive.yml", "container-hive.yaml", "container-hive.yml"]) {
  test(`findProject() finds ${name} above the start`, async () => {
    await using temp = await tempProject({ [name]: "", "a/b/c.txt": "" });
    expect(await findProject(join(temp.root, "a/b"))).toBe(temp.root);
  });
}

test("findProject() stops at the nearest project", async () => {
  await using temp = await tempProject({ "hive.yml": "", "a/container-hive.yml": "", "a/b/c": "" });
  expect(await findProject(join(temp.root, "a/b"))).toBe(join(temp.root, "a"));
});

test("findProject() takes no directory for a project file", async () => {
  await using temp = await tempProject({ "hive.yml": "", "a/hive.yml/c": "" });
  expect(await findProject(join(temp.root, "a"))).toBe(temp.root);
});

test("findProject() does not look above an explicit directory", async () => {
  await using temp = await tempProject({ "hive.yml": "", "a/b": "" });
  expect(await findProject(temp.root, ".")).toBe(temp.root);
  expect(await thrownText(async () => findProject(temp.root, "a"), temp.root)).toBe(
    'usage: Cannot find a project in "a": it has no hive.yml\n\nPass the directory that holds hive.yml.',
  );
});

test("findProject() says where it began to look", async () => {
  await using temp = await tempProject({ "a/b": "" });
  expect(await thrownText(async () => findProject(join(temp.root, "a")), temp.root)).toBe(
    'usage: Cannot find a project: no hive.yml in "ROOT/a" or above it\n\nChange to a project\'s directory, or name one with --project.',
  );
});
