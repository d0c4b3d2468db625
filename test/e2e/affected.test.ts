import { expect, test } from "bun:test";
import { chmod, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { gitEnvironment, type GitRepository, gitRepository } from "../support/git-repository.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";

const family = {
  "hive.yml": "platforms: [linux/amd64]\nlabels: { custom: { team: a } }\n",
  "images/base/image.yml": "tags: [{ name: '1' }, { name: '2' }]\n",
  "images/base/Dockerfile": "FROM scratch\nCOPY file /\n",
  "images/base/file": "1",
  "images/base/.dockerignore": "ignored\n",
  "images/app/image.yml": "tags: [{ name: '1' }]\nbuild_args: { A: '1' }\n",
  "images/app/Dockerfile": "FROM __hive__/base:1\nARG A\nCOPY . /\n",
  "images/app/rootfs/etc/conf": "a=b\n",
  "images/app/run.sh": "#!/bin/sh\n",
  "images/app/big": "x".repeat(3_000_000),
  "images/alone/image.yml": "tags: [{ name: '1' }]\n",
  "images/alone/Dockerfile": "FROM scratch\nCOPY . /\n",
};

async function familyRepository(): Promise<GitRepository> {
  const repository = await gitRepository();
  await repository.commit(100, family);
  await repository.git("checkout", "-q", "-b", "work");
  return repository;
}

function affected({ path }: Pick<GitRepository, "path">, ...args: string[]): Promise<HiveResult> {
  const env = { ...gitEnvironment };
  return runHive(["affected", "--since", "main", ...args], { cwd: path, env });
}

type Shown = {
  readonly affected: readonly {
    readonly reference: string;
    readonly kind: string;
    readonly changes: readonly { readonly kind: string; readonly path?: string }[];
  }[];
  readonly removed: readonly string[];
};

async function kindsOf(
  repository: Pick<GitRepository, "path">,
  ...args: string[]
): Promise<Record<string, string>> {
  const result = await affected(repository, "--json", ...args);
  if (result.exitCode !== 0) throw new Error(result.stderr);
  const shown = JSON.parse(result.stdout) as Shown;
  return Object.fromEntries(shown.affected.map(({ reference, kind }) => [reference, kind]));
}

test("nothing is affected by what is in no image, and modes and times that git does not know", async () => {
  await using repository = await familyRepository();
  expect(await kindsOf(repository)).toEqual({});
  await repository.commit(200, { "README.md": "x", "images/base/ignored": "x" });
  await chmod(join(repository.path, "images/app/rootfs/etc/conf"), 0o600);
  await repository.write({ "images/base/file": "1" });
  const result = await affected(repository, "--exit-code");
  expect(result).toMatchObject({ exitCode: 0, stdout: "" });
  expect(result.stderr).toContain("No image is affected");
});

test.each<[string, (repository: GitRepository) => Promise<unknown>, Record<string, string>]>([
  [
    "a changed file, not committed",
    (repository) => repository.write({ "images/base/file": "2" }),
    { "base:1": "changed", "base:2": "changed", "app:1": "dependent" },
  ],
  [
    "a commit, and what main did since does not count",
    async (repository) => {
      await repository.commit(200, { "images/app/rootfs/etc/conf": "a=c\n" });
      await repository.git("checkout", "-q", "main");
      await repository.commit(300, { "images/alone/more": "x" });
      await repository.git("checkout", "-q", "work");
    },
    { "app:1": "changed" },
  ],
  [
    "an untracked file",
    (repository) => repository.write({ "images/alone/new": "x" }),
    { "alone:1": "changed" },
  ],
  [
    "a file that is executable now",
    ({ path }) => chmod(join(path, "images/app/rootfs/etc/conf"), 0o755),
    { "app:1": "changed" },
  ],
  [
    "a link instead of a file",
    async ({ path }) => {
      await rm(join(path, "images/app/run.sh"));
      await symlink("big", join(path, "images/app/run.sh"));
    },
    { "app:1": "changed" },
  ],
  [
    "a tag of many",
    (repository) =>
      repository.write({
        "images/base/image.yml": "tags: [{ name: '1' }, { name: '2', labels: { a: b } }]\n",
      }),
    { "base:2": "changed" },
  ],
  [
    "a new tag, which an image is built on now",
    (repository) =>
      repository.write({
        "images/base/image.yml": "tags: [{ name: '1' }, { name: '2' }, { name: '3' }]\n",
        "images/app/Dockerfile": "FROM __hive__/base:3\nARG A\nCOPY . /\n",
      }),
    { "base:3": "new", "app:1": "changed" },
  ],
  [
    "a label of all images",
    (repository) =>
      repository.write({
        "hive.yml": "platforms: [linux/amd64]\nlabels: { custom: { team: b } }\n",
      }),
    { "base:1": "changed", "base:2": "changed", "app:1": "changed", "alone:1": "changed" },
  ],
  [
    "a renamed image",
    (repository) => repository.git("mv", "images/alone", "images/other"),
    { "other:1": "new" },
  ],
])("hive affected sees %s", async (_, change, kinds) => {
  await using repository = await familyRepository();
  await change(repository);
  expect(await kindsOf(repository)).toEqual(kinds);
});

test("hive affected tells what changed and what is gone, and can end with 3", async () => {
  await using repository = await familyRepository();
  await repository.write({
    "images/app/rootfs/etc/conf": "a=c\n",
    "images/app/image.yml": "tags: [{ name: '1' }]\nbuild_args: { A: '2' }\n",
  });
  await repository.git("rm", "-qr", "images/alone");
  const result = await affected(repository, "--exit-code");
  expect(result.exitCode).toBe(3);
  expect(result.stdout).toMatch(/^app:1 linux\/amd64: changed$/m);
  expect(result.stdout).toContain("rootfs/etc/conf");
  expect(result.stdout).toMatch(/^alone:1 linux\/amd64: removed$/m);
  const { affected: shown, removed } = JSON.parse(
    (await affected(repository, "--json")).stdout,
  ) as Shown;
  expect(removed).toEqual(["alone:1 linux/amd64"]);
  expect(shown[0]?.changes).toEqual([
    expect.objectContaining({ kind: "file", path: "rootfs/etc/conf" }),
    { kind: "argument", name: "A", from: "1", to: "2" },
  ] as never);
  // Of a selection.
  expect(await kindsOf(repository, "base")).toEqual({});
});

test("hive affected prints job matrices", async () => {
  await using repository = await familyRepository();
  await repository.write({ "images/alone/new": "x" });
  const github = await affected(repository, "--matrix", "github");
  expect(github.stdout).toBe(
    '{"include":[{"image":"alone","tag":"1","reference":"alone:1","platform":"linux/amd64"}]}\n',
  );
  const gitlab = await affected(repository, "--matrix", "gitlab");
  expect(JSON.parse(gitlab.stdout)).toEqual([
    { IMAGE: "alone", TAG: "1", REFERENCE: "alone:1", PLATFORM: "linux/amd64" },
  ]);
});

test("hive affected works for a project below the top level that has its images elsewhere", async () => {
  await using repository = await gitRepository();
  const files = Object.entries(family).map(([path, text]) => [
    path.startsWith("images/") ? `shared/${path}` : `tools/p/${path}`,
    text,
  ]);
  await repository.commit(100, {
    ...(Object.fromEntries(files) as Record<string, string>),
    "tools/p/images": "-> ../../shared/images",
  });
  const project = { path: join(repository.path, "tools/p") };
  expect(await kindsOf(project)).toEqual({});
  await repository.write({ "shared/images/base/file": "2" });
  expect(Object.keys(await kindsOf(project))).toEqual(["base:1", "base:2", "app:1"]);
});

test("hive affected takes everything for new where the project was not, or was broken", async () => {
  await using repository = await gitRepository();
  await repository.commit(50, { "README.md": "x" });
  await repository.git("checkout", "-q", "-b", "work");
  await repository.commit(100, family);
  const result = await affected(repository);
  expect(result.stderr).toContain("Everything is new");
  expect(result.stdout.match(/: new$/gm)).toHaveLength(4);
});

test("hive affected says what is wrong with the commit or the repository", async () => {
  await using repository = await familyRepository();
  const run = (...args: string[]) =>
    runHive(["affected", ...args], { cwd: repository.path, env: { ...gitEnvironment } });
  expect(await run()).toMatchObject({ exitCode: 2 });
  for (const since of ["nowhere", "--output=x", "main:hive.yml", ""]) {
    expect(await run(`--since=${since}`)).toMatchObject({ exitCode: 2, stdout: "" });
  }
  await repository.git("checkout", "-q", "--orphan", "unrelated");
  await repository.commit(300);
  expect((await affected(repository)).stderr).toContain("no commit in common");
});
