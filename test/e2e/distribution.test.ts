import { describe, expect, test } from "bun:test";
import { type ImageDigests, openPool, type Pool, poolUser } from "./pool.ts";

type Promoted = {
  readonly name: string;
  readonly tag: string;
  readonly status: string;
  readonly digest?: string;
  readonly record?: string;
  readonly refusals: readonly string[];
};
type Moved = { readonly name: string; readonly digest: string; readonly changed: boolean };
type Inspected = {
  readonly referrers: { readonly artifactType: string; readonly digest: string }[];
};
type Pruned = {
  readonly repository: string;
  readonly images: { readonly tags: string[]; readonly status: string }[];
};

const evidence = {
  tests: "application/junit+xml",
  sbom: "application/spdx+json",
  signature: "application/vnd.dev.cosign.artifact.sig.v1+json",
};
const broken = `<testsuite tests="1"><testcase name="starts"><failure/></testcase></testsuite>`;
const passed = `<testsuite tests="1" failures="0"/>`;
const promotionType = "application/vnd.hive.promotion.v1+json";

/** Pushes a build as a pipeline does: a job for each platform, and one that puts together what they made. */
async function pushBuild({ json, hive }: Pool, id: string): Promise<void> {
  for (const platform of ["amd64", "arm64"]) {
    await json("build", "--push", "--registry=ci", `--build-id=${id}`, `--platform=${platform}`);
  }
  await json("finalize", "--registry=ci", `--build-id=${id}`);
  // Again there is nothing to do.
  const again = await json("finalize", "--registry=ci", `--build-id=${id}`);
  expect((again as { changed: boolean }[]).some(({ changed }) => changed)).toBe(false);
  expect((await hive(["push", "--to=prod"])).exitCode).toBe(2);
}

async function attachEvidence({ attach }: Pool, reference: string): Promise<void> {
  await attach(reference, evidence.sbom, `{"spdxVersion":"SPDX-2.3"}`);
  await attach(reference, evidence.signature, `{"critical":{}}`);
  await attach(reference, evidence.tests, passed);
}

async function promote({ hive }: Pool, ...args: string[]): Promise<[number | null, Promoted[]]> {
  const { exitCode, stdout, stderr } = await hive(["promote", "--json", ...args]);
  if (stdout === "") throw new Error(stderr);
  return [exitCode, JSON.parse(stdout) as Promoted[]];
}

/** Deletes what is attached to an image and has a type. */
async function detach(pool: Pool, name: string, tag: string, type: string): Promise<void> {
  const { referrers } = (await pool.json("registry", "inspect", `${name}:${tag}`)) as Inspected;
  const found = referrers.filter(({ artifactType }) => artifactType === type);
  const references = found.map(({ digest }) => `${name}@${digest}`);
  await pool.json("registry", "delete", ...references);
}

/** Which artifacts are attached to an image, sorted by their types. */
async function attached({ json }: Pool, reference: string): Promise<string[]> {
  const { referrers } = (await json("registry", "inspect", reference)) as Inspected;
  return referrers.map(({ artifactType }) => artifactType).toSorted();
}

describe.each(["zot", "hive"] as const)("from a project to production, a %s", (kind) => {
  test("log in, build, push, promote, mirror, import, copy and prune: one digest at every step", async () => {
    await using pool = await openPool(kind);
    const { hive, json, digests, project } = pool;
    const { sandbox, ci, prod, archive } = pool.registries;
    for (const { address } of [sandbox, ci, prod, archive]) {
      const login = ["login", address, `--username=${poolUser.name}`, "--password-stdin"];
      expect(await hive(login, { stdin: poolUser.password })).toMatchObject({ exitCode: 0 });
    }

    // A developer builds, and pushes to a registry that is for that.
    await json("build");
    const first = await pool.stored("app:1.2.3");
    expect(Object.keys(first)).toEqual(["index", "linux/amd64", "linux/arm64"]);
    const agree = async (expected: ImageDigests, ...references: string[]): Promise<void> => {
      for (const reference of references) {
        expect([reference, await digests(reference)]).toEqual([reference, expected]);
      }
    };
    const pushed = (await json("push", "--to=sandbox")) as Moved[];
    expect([pushed.length, pushed.every(({ changed }) => changed)]).toEqual([6, true]);
    expect(((await json("push", "--to=sandbox")) as Moved[]).some((one) => one.changed)).toBe(
      false,
    );
    const ofSandbox = `${sandbox.address}/dev/app`;
    await agree(first, `${ofSandbox}:1.2.3`, `${ofSandbox}:1.2`, `${ofSandbox}:1`);

    // A pipeline builds the same.
    await pushBuild(pool, "7");
    const ofCi = `${ci.address}/team/app`;
    await agree(first, `${ofCi}:1.2.3-build.7`, `${ofCi}:1.2-build.7`, `${ofCi}:1-build.7`);

    // The gate: nothing goes without what production asks for, and nothing with tests that failed.
    const closed = await promote(pool, "app:1.2.3", "--build-id=7");
    expect(closed).toMatchObject([6, [{ status: "refused", refusals: { length: 3 } }]]);
    expect((await hive(["registry", "tags", `${prod.address}/images/app`])).exitCode).toBe(1);
    await pool.attach(`${ofCi}:1.2.3-build.7`, evidence.tests, broken);
    await attachEvidence(pool, `${ofCi}:1.2.3-build.7`);
    const failed = await promote(pool, "app:1.2.3", "--build-id=7");
    expect(failed).toMatchObject([6, [{ refusals: [expect.stringContaining("tests failed")] }]]);
    // Gone is gone, also where a registry keeps no list of what is attached.
    await detach(pool, ofCi, "1.2.3-build.7", evidence.tests);
    const without = await promote(pool, "app:1.2.3", "--build-id=7");
    expect(without).toMatchObject([6, [{ refusals: [expect.stringContaining('"tests"')] }]]);
    await pool.attach(`${ofCi}:1.2.3-build.7`, evidence.tests, passed);

    const open = await promote(pool, "app:1.2.3", "--build-id=7", "--from=ci", "--to=prod");
    expect(open).toMatchObject([0, [{ status: "promoted", digest: first["index"] }]]);
    const ofProd = `${prod.address}/images/app`;
    await agree(first, `${ofProd}:1.2.3`, `${ofProd}:1.2`, `${ofProd}:1`);
    const complete = [...Object.values(evidence), promotionType].toSorted();
    expect(await attached(pool, `${ofProd}:1.2.3`)).toEqual(complete);
    const again = await promote(pool, "app:1.2.3", "--build-id=7");
    expect(again).toMatchObject([0, [{ status: "there" }]]);
    expect(await attached(pool, `${ofProd}:1.2.3`)).toEqual(complete);

    // Another image of the same version stays where it is.
    await project.write("images/app/file", "the second\n");
    await pushBuild(pool, "8");
    const second = await digests(`${ofCi}:1.2.3-build.8`);
    expect(second["index"]).not.toBe(first["index"]);
    await attachEvidence(pool, `${ofCi}:1.2.3-build.8`);
    const moved = await promote(pool, "app:1.2.3", "--build-id=8");
    expect(moved).toMatchObject([6, [{ refusals: [expect.stringContaining("another image")] }]]);
    await agree(first, `${ofProd}:1.2.3`, `${ofProd}:1`);

    // What production has is kept elsewhere, too.
    const ofArchive = `${archive.address}/${prod.address.replace(":", "_")}/images/app`;
    await json("mirror", "sync", "--referrers");
    await agree(first, `${ofArchive}:1.2.3`, `${ofArchive}:1.2`);
    expect(await attached(pool, `${ofArchive}:1.2.3`)).toEqual(complete);
    const synced = (await json("mirror", "sync", "--referrers")) as Moved[];
    expect([synced.length, synced.some(({ changed }) => changed)]).toEqual([2, false]);

    await goRound(pool, `${ofArchive}:1.2.3`, first);

    // The pipeline's registry keeps the last build, and production what it has.
    const dry = (await json("registry", "prune", "--registry=ci", "--dry-run")) as Pruned[];
    expect(going(dry)).toContainEqual(expect.arrayContaining(["1.2.3-build.7"]));
    await agree(first, `${ofCi}:1.2.3-build.7`);
    const pruned = (await json("registry", "prune", "--registry=ci")) as Pruned[];
    expect(going(pruned)).toEqual(going(dry));
    const tags = (await json("registry", "tags", ofCi)) as string[];
    expect(tags.filter((tag) => tag.endsWith("-build.7"))).toEqual([]);
    await agree(second, `${ofCi}:1.2.3-build.8`, `${ofCi}:1-build.8`);
    await agree(first, `${ofProd}:1.2.3`, `${ofArchive}:1.2.3`);
    expect((await hive(["registry", "prune", "--registry=prod"])).exitCode).toBe(6);
  }, 300_000);
});

function going(pruned: readonly Pruned[]): string[][] {
  return pruned.flatMap(({ images }) =>
    images.filter(({ status }) => status !== "kept").map(({ tags }) => tags),
  );
}

/** Imports an image from the archive, and copies it from each registry to each other one, with all that is attached to it. */
async function goRound(pool: Pool, from: string, expected: ImageDigests): Promise<void> {
  const { json, digests } = pool;
  const { sandbox, ci, prod } = pool.registries;
  const before = await attached(pool, from);
  const places = [sandbox, ci, prod];
  const imported = `${sandbox.address}/imported/app:1`;
  const take = ["--as=imported/app:1", `--registry=${sandbox.address}`, "--referrers"];
  await json("registry", "import", from, ...take);
  expect([await digests(imported), await attached(pool, imported)]).toEqual([expected, before]);
  for (const [at, source] of places.entries()) {
    for (const target of places) {
      if (target === source) continue;
      const own = at === 0 ? imported : `${source.address}/from0/app:1`;
      const copied = `${target.address}/from${at}/app:1`;
      const rows = (await json("registry", "copy", "--referrers", own, copied)) as Moved[];
      expect(rows).toMatchObject([{ digest: expected["index"], changed: true }]);
      expect([await digests(copied), await attached(pool, copied)]).toEqual([expected, before]);
    }
  }
}
