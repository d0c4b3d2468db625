import { afterAll, beforeEach, beforeAll, describe, expect, test } from "bun:test";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { type CacheUsage, restingCache } from "../support/resting-cache.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";

// What is removed must be nobody else's.
let daemon: Buildkitd;

async function dev(...args: readonly string[]): Promise<HiveResult> {
  return await runHive(["dev", ...args], { cwd: "/", env: { BUILDKIT_HOST: daemon.address } });
}

async function usage(...args: readonly string[]): Promise<CacheUsage> {
  const { exitCode, stdout, stderr } = await dev("du", "--json", ...args);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as CacheUsage;
}

/** The names in a line that shows the shape of something. */
function namesIn(shape: string): readonly string[] {
  return [...shape.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name);
}

/** Keys in the order in which they are printed, those below included; of lists those of the first, and none of records. */
function keysIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return keysIn(value[0]);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [
    key,
    ...(["records", "removed"].includes(key) ? [] : keysIn(below)),
  ]);
}

beforeAll(async () => {
  daemon = await startBuildkitd();
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

// Every test begins with the same things in the cache.
beforeEach(async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0
RUN --mount=type=cache,target=/cache echo kept > /cache/file
RUN dd if=/dev/zero of=/big bs=1M count=4
`,
  });
  const env = { BUILDKIT_HOST: daemon.address };
  const { exitCode, stderr } = await runHive(["build"], { cwd: project.path, env });
  if (exitCode !== 0) throw new Error(stderr);
  await restingCache(() => dev("du", "--json"));
}, 120_000);

describe("hive dev du", () => {
  test("sums the cache by type, and lists every record when asked", async () => {
    const { total, records } = await usage();
    expect(total).toBeGreaterThan(4_000_000);
    const types = new Set(records.map(({ type }) => type));
    expect([...types].toSorted()).toEqual(["exec.cachemount", "regular", "source.local"]);

    const table = await dev("du");
    expect(table.exitCode).toBe(0);
    expect(table.stdout).toMatch(/^TYPE +RECORDS +SIZE +IN USE +SHARED +LAST USED\n/);
    expect(table.stdout).toMatch(/^exec\.cachemount +1 /m);
    expect(table.stdout).toMatch(/^Total +\d/m);
    const every = await dev("du", "-v");
    for (const { id } of records) expect(every.stdout).toContain(id);
  });

  test("shows what a filter matches", async () => {
    const { records } = await usage("--filter=type==exec.cachemount");
    expect(records.map(({ type }) => type)).toEqual(["exec.cachemount"]);
    const wrong = await dev("du", "--filter=a b==");
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("filter")]);
  });
});

describe("hive dev prune", () => {
  test("removes all that nothing needs, tells each, and what it leaves", async () => {
    const before = await usage();
    const { exitCode, stdout, stderr } = await dev("prune");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Removed \d+ records, \S+ MB$/m);
    expect(stdout).toContain("cached mount /cache");
    expect(stderr).toContain("Not touched: images in .hive/");
    const after = await usage();
    expect(after.total).toBeLessThan(before.total / 2);
    expect(after.reclaimable).toBe(0);
  });

  test("--dry-run names what prune removes then, and removes nothing", async () => {
    const before = await usage();
    const planned = await dev("prune", "--dry-run", "--json");
    const ids = ({ records }: CacheUsage): string[] => records.map(({ id }) => id).toSorted();
    expect(ids(await usage())).toEqual(ids(before));
    const done = await dev("prune", "--json");
    const idsOf = ({ stdout }: HiveResult): string[] => {
      const { removed } = JSON.parse(stdout) as { removed: { id: string }[] };
      return removed.map(({ id }) => id).toSorted();
    };
    expect(idsOf(done)).toEqual(idsOf(planned));
    expect(JSON.parse(done.stdout)).toMatchObject({ dryRun: false, kept: { records: 0 } });
  });

  test("--json has what docs/doctor.md says, as does that of hive dev du", async () => {
    const document = await Bun.file("docs/doctor.md").text();
    const outputs = [await dev("du", "--json"), await dev("prune", "--dry-run", "--json")];
    for (const [index, command] of ["du", "prune"].entries()) {
      const [, shape = ""] =
        new RegExp(`^\\| \`${command}\` \\| \`(.*)\` \\|$`, "m").exec(document) ?? [];
      const output: unknown = JSON.parse(outputs[index]?.stdout ?? "");
      expect([command, ...keysIn(output)]).toEqual([command, ...namesIn(shape)]);
    }
    const [, record = ""] = /a record is `(.*)`/.exec(document) ?? [];
    const { records } = await usage();
    expect(keysIn(records[0])).toEqual(namesIn(record));
  });

  test("--filter removes only what matches", async () => {
    await dev("prune", "--filter=type==exec.cachemount");
    const types = new Set((await usage()).records.map(({ type }) => type));
    expect([...types].toSorted()).toEqual(["regular", "source.local"]);
  });

  test("--older-than and --keep-storage leave what they say", async () => {
    const before = await usage();
    const recent = await dev("prune", "--older-than=1h");
    expect(recent.stdout).toContain("Removed 0 records");
    expect(recent.stderr).toContain("used since then");
    const roomy = await dev("prune", "--keep-storage=1GB");
    expect(roomy.stdout).toContain("Removed 0 records");
    expect((await usage()).total).toBe(before.total);
    await dev("prune", "--keep-storage=1MB");
    const { total, records } = await usage();
    expect(total).toBeLessThan(1_000_000);
    expect(records.length).toBeLessThan(before.records.length);
  });

  test("refuses to keep nothing, and a size that is none", async () => {
    for (const size of ["0", "much"]) {
      const { exitCode, stderr } = await dev("prune", `--keep-storage=${size}`);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--keep-storage")]);
    }
  });

  test("ends with 4 where nobody answers", async () => {
    const env = { BUILDKIT_HOST: "unix:///nowhere/buildkitd.sock" };
    const { exitCode, stderr } = await runHive(["dev", "prune"], { cwd: "/", env });
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("BUILDKIT_HOST names it")]);
  });
});
