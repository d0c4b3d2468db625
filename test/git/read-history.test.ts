import { expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type History, readHistory } from "../../src/git/read-history.ts";
import { gitEnvironment, type GitRepository, gitRepository } from "../support/git-repository.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** Asks about directories of the project at `below`; the answer with their paths in the repository. */
async function timesOf(
  { path }: Pick<GitRepository, "path">,
  directories: readonly string[],
  { below = "" }: { below?: string } = {},
): Promise<{ times: Record<string, number>; history: History }> {
  const history = await readHistory(
    join(path, below),
    directories.map((directory) => join(path, directory)),
    { environment: gitEnvironment },
  );
  if (history === undefined) throw new Error("There is no history");
  const times = [...history.directories].map(
    ([directory, { time }]) => [directory.slice(path.length + 1), time] as const,
  );
  return { times: Object.fromEntries(times), history };
}

test("readHistory() finds the commit that touched each directory last", async () => {
  await using repository = await gitRepository();
  const first = await repository.commit(100, { "images/a/f": "1", "images/b/f": "1" });
  await repository.commit(200, { "images/b/f": "2" });
  const last = await repository.commit(300, { "README.md": "x" });
  const { times, history } = await timesOf(repository, ["images/a", "images/b", "images/none"]);
  expect(times).toEqual({ "images/a": 100, "images/b": 200 });
  expect(history.directories.get(join(repository.path, "images/a"))?.id).toBe(first);
  expect(history).toMatchObject({ project: { id: last, time: 300, age: 0 }, cut: false });
});

test("readHistory() gives a path to the innermost directory alone", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "images/a/f": "1", "images/a/b/f": "1", "images/a/sub/f": "1" });
  await repository.commit(200, { "images/a/b/f": "2" });
  const { times } = await timesOf(repository, ["images/a", "images/a/b"]);
  expect(times).toEqual({ "images/a": 100, "images/a/b": 200 });
  await repository.commit(300, { "images/a/sub/f": "2" });
  expect((await timesOf(repository, ["images/a", "images/a/b"])).times).toEqual({
    "images/a": 300,
    "images/a/b": 200,
  });
});

test("readHistory() counts a merge for what it brought, when it came", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "images/a/f": "1", "images/b/f": "1" });
  await repository.git("checkout", "-qb", "side");
  await repository.commit(200, { "images/a/f": "2" });
  await repository.git("checkout", "-q", "main");
  await repository.commit(300, { "images/b/f": "2" });
  await repository.git("merge", "-q", "--no-ff", "--no-commit", "side");
  await repository.commit(400);
  const { times } = await timesOf(repository, ["images/a", "images/b"]);
  expect(times).toEqual({ "images/a": 400, "images/b": 300 });
});

test("readHistory() sees both sides of a rename, deletions, odd names and links", async () => {
  await using repository = await gitRepository();
  const odd = "images/o d\n\u00e4/f\tx\ny";
  await repository.commit(100, { "images/a/f": "same", "images/b/f": "1", [odd]: "1" });
  await repository.git("mv", "images/a/f", "images/b/moved");
  await repository.commit(200, { "images/a/g": "1" });
  const asked = ["images/a", "images/b", "images/o d\n\u00e4"];
  expect((await timesOf(repository, asked)).times).toEqual({
    "images/a": 200,
    "images/b": 200,
    "images/o d\n\u00e4": 100,
  });
  await repository.git("rm", "-q", "images/b/moved");
  await repository.commit(300);
  await repository.write({ linked: "-> images/a" });
  const { times } = await timesOf(repository, [...asked, "linked"]);
  expect(times).toMatchObject({ "images/b": 300, linked: 200 });
});

test("readHistory() works for a project below the top level, whatever git finds around it", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "tools/p/images/a/f": "1", "images/a/f": "1" });
  await repository.commit(200, { "images/a/f": "2" });
  const { times, history } = await timesOf(repository, ["tools/p/images/a"], { below: "tools/p" });
  expect(times).toEqual({ "tools/p/images/a": 100 });
  expect(history.project?.time).toBe(100);
});

test("readHistory() reads a work tree whose .git is a file", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "images/a/f": "1" });
  await using parent = await tempDirectory();
  const tree = join(parent.path, "tree");
  await repository.git("worktree", "add", "-q", "-b", "other", tree);
  expect((await timesOf({ path: tree }, ["images/a"])).times).toEqual({ "images/a": 100 });
});

test("readHistory() takes a submodule for one thing, and is at home in it", async () => {
  await using inner = await gitRepository();
  await inner.commit(50, { "a/f": "1", "b/f": "1" });
  await inner.commit(60, { "b/f": "2" });
  await using repository = await gitRepository();
  await repository.commit(100, { f: "1" });
  await repository.git("submodule", "add", "-q", inner.path, "images");
  await repository.commit(200);
  await repository.commit(300, { f: "2" });
  const asked = ["images/a", "images/b"];
  expect((await timesOf(repository, asked)).times).toEqual({ "images/a": 200, "images/b": 200 });
  expect((await timesOf(repository, asked, { below: "images" })).times).toEqual({
    "images/a": 50,
    "images/b": 60,
  });
});

test("readHistory() says where a shallow clone ends, only when it matters", async () => {
  await using origin = await gitRepository();
  await origin.commit(100, { "images/a/f": "1" });
  await origin.commit(200, { "images/b/f": "1" });
  await origin.commit(300, { "images/b/f": "2" });
  const create = ["clone", "-q", "--depth=2", `file://${origin.path}`];
  await using clone = await gitRepository({ create });
  expect((await timesOf(clone, ["images/b"])).history.cut).toBe(false);
  expect((await timesOf(clone, ["images/a", "images/b"])).history.cut).toBe(true);
});

test("readHistory() is undefined outside of a repository, before the first commit, and without git", async () => {
  await using directory = await tempDirectory();
  const options = { environment: gitEnvironment };
  expect(await readHistory(directory.path, [], options)).toBeUndefined();
  await using repository = await gitRepository();
  expect(await readHistory(repository.path, [], options)).toBeUndefined();
  await repository.commit(100, { f: "1" });
  expect(await readHistory(repository.path, [], options)).toBeDefined();
  for (const PATH of ["", "/nonexistent"]) {
    expect(await readHistory(repository.path, [], { environment: { PATH } })).toBeUndefined();
  }
});

test("readHistory() keeps what it found until HEAD moves", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "images/a/f": "1" });
  await using keep = await tempDirectory();
  const memory = { file: join(keep.path, "history.json"), scratch: join(keep.path, "tmp") };
  await mkdir(memory.scratch);
  const images = [join(repository.path, "images/a")];
  const read = () => readHistory(repository.path, images, { environment: gitEnvironment, memory });
  const first = await read();
  const text = await Bun.file(memory.file).text();
  // What is not true shows that it is read.
  await Bun.write(memory.file, text.replaceAll('"time":100', '"time":101'));
  expect((await read())?.project?.time).toBe(101);
  for (const broken of ["", "{", '{"version":1}', text.replace("images/a", "images/b")]) {
    await Bun.write(memory.file, broken);
    expect(await read()).toEqual(first);
  }
  await repository.commit(200, { "images/a/f": "2" });
  expect((await read())?.project?.time).toBe(200);
});

test("readHistory() takes a time that no date can be for the last one that can", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "images/a/f": "1" });
  const text = await repository.git("cat-file", "commit", "HEAD");
  const raw = join(repository.path, ".git/raw");
  await Bun.write(raw, `${text.replaceAll("> 100 ", "> 99999999999999 ")}\n`);
  const far = await repository.git("hash-object", "-t", "commit", "-w", "--literally", raw);
  await repository.git("update-ref", "refs/heads/main", far);
  expect((await timesOf(repository, ["images/a"])).times).toEqual({ "images/a": 253_402_300_799 });
});

test("readHistory() finds out again what is remembered as no commits", async () => {
  await using repository = await gitRepository();
  const head = await repository.commit(100, { "images/a/f": "1" });
  const file = join(repository.path, ".git/memory.json");
  const read = async (): Promise<number | undefined> => {
    const options = { environment: gitEnvironment, memory: { file, scratch: join(file, "..") } };
    const directory = join(repository.path, "images/a");
    return (await readHistory(repository.path, [directory], options))?.directories.get(directory)
      ?.time;
  };
  expect(await read()).toBe(100);
  const text = await Bun.file(file).text();
  await Bun.write(file, text.replaceAll('"time":100', '"time":200'));
  expect(await read()).toBe(200);
  for (const time of ['"x"', "1e300", "-1", "null"]) {
    await Bun.write(file, text.replaceAll('"time":100', `"time":${time}`));
    expect(await read()).toBe(100);
  }
  expect(text).toContain(head);
});

test("readHistory() sees no grafts, which only this clone has", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, { "images/a/f": "1" });
  const last = await repository.commit(200, { "images/b/f": "1" });
  await mkdir(join(repository.path, ".git/info"), { recursive: true });
  await Bun.write(join(repository.path, ".git/info/grafts"), `${last}\n`);
  expect((await timesOf(repository, ["images/a"])).times).toEqual({ "images/a": 100 });
});
