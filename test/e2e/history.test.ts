import { expect, test } from "bun:test";
import { gitEnvironment, type GitRepository, gitRepository } from "../support/git-repository.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";

const files = {
  "hive.yml": "platforms: [linux/amd64]\n",
  "images/a/image.yml": "tags: [{ name: '1' }]\n",
  "images/a/Dockerfile": "FROM scratch\n",
  "images/b/image.yml": "tags: [{ name: '1' }]\n",
  "images/b/Dockerfile": "FROM scratch\n",
};

function plan(
  { path }: Pick<GitRepository, "path">,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<HiveResult> {
  return runHive(["plan", "--json"], { cwd: path, env: { ...gitEnvironment, ...env } });
}

function epochsOf({ stdout }: HiveResult): readonly (number | undefined)[] {
  return (JSON.parse(stdout) as { targets: { epoch?: number }[] }).targets.map(
    ({ epoch }) => epoch,
  );
}

test("SOURCE_DATE_EPOCH is the time of all images, and must be one", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, files);
  await repository.commit(200, { "images/b/f": "1" });
  expect(epochsOf(await plan(repository))).toEqual([100, 200]);
  expect(epochsOf(await plan(repository, { SOURCE_DATE_EPOCH: "7" }))).toEqual([7, 7]);
  for (const SOURCE_DATE_EPOCH of ["yesterday", "-1", "1.5", "999999999999999"]) {
    const result = await plan(repository, { SOURCE_DATE_EPOCH });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain("SOURCE_DATE_EPOCH");
  }
});

test("a shallow clone is warned of, with what to do", async () => {
  await using origin = await gitRepository();
  await origin.commit(100, files);
  await origin.commit(200, { "images/b/f": "1" });
  const create = ["clone", "-q", "--depth=1", `file://${origin.path}`];
  await using clone = await gitRepository({ create });
  const result = await plan(clone);
  expect(epochsOf(result)).toEqual([200, 200]);
  expect(result.stderr).toContain("fetch-depth: 0");
  const timed = await plan(clone, { SOURCE_DATE_EPOCH: "7" });
  expect(timed.stderr).not.toContain("shallow");
});

test("without git, and where git refuses to read, images have the time 0", async () => {
  await using repository = await gitRepository();
  await repository.commit(100, files);
  const without = await plan(repository, { PATH: "/nonexistent" });
  expect(without.stderr).toBe("");
  expect(epochsOf(without)).toEqual([0, 0]);
  // Git refuses everything when half of a setting is missing.
  const broken = await plan(repository, { GIT_CONFIG_COUNT: "1" });
  expect(epochsOf(broken)).toEqual([0, 0]);
  expect(broken.stderr).toContain("the time 0");
});
