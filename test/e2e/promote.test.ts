import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type PeerKind, startPeerRegistry } from "../support/peer-registries.ts";
import { openShipyard, type Shipyard } from "../support/shipyard.ts";
import { startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const promotionType = "application/vnd.hive.promotion.v1+json";
const image = {
  "images/app/Dockerfile": "FROM scratch\n",
  "images/app/image.yml":
    "tags: [{ name: 1.2.3 }, { name: 1.1.0 }]\nlatest_alias: { tag: latest }\n",
};

type Row = {
  readonly status: string;
  readonly digest?: string;
  readonly aliases: readonly string[];
  readonly refusals: readonly string[];
  readonly record?: string;
};

async function withRegistries(registries: string): Promise<Shipyard> {
  return await openShipyard({
    ...image,
    "hive.yml": `platforms: [linux/amd64, linux/arm64]\nregistries:\n${registries}`,
  });
}

async function attachTests(yard: Shipyard, place: string, report: string): Promise<void> {
  await Bun.write(join(yard.root, "report.xml"), report);
  const type = "application/junit+xml";
  await yard.oras("attach", "--plain-http", "--artifact-type", type, place, `report.xml:${type}`);
}

/** The types of what refers to an image, sorted: as the artifacts say, for not every list does. */
async function attachedTypes(yard: Shipyard, place: string): Promise<string[]> {
  const text = await yard.oras("discover", "--plain-http", "--format", "json", place);
  const { referrers = [] } = JSON.parse(text) as { referrers?: { digest: string }[] };
  const name = place.replace(/:[^/]*$/, "");
  const types = referrers.map(async ({ digest }) => {
    const manifest = await yard.oras("manifest", "fetch", "--plain-http", `${name}@${digest}`);
    return (JSON.parse(manifest) as { artifactType: string }).artifactType;
  });
  return (await Promise.all(types)).toSorted();
}

const passing = '<testsuite tests="1"><testcase name="starts"/></testsuite>';

describe.each<[PeerKind, PeerKind]>([
  ["hive", "hive"],
  ["distribution", "zot"],
  ["zot", "distribution"],
])("from %s to %s", (ciKind, prodKind) => {
  test("an image goes with what is attached to it, once its conditions are met", async () => {
    await using ci = await startPeerRegistry(ciKind, { tls: false, users: {} });
    await using prod = await startPeerRegistry(prodKind, { tls: false, users: {} });
    await using yard = await withRegistries(
      `  ci: { address: "${ci.address}", role: ci }\n` +
        `  prod: { address: "${prod.address}/live", role: prod, promote_from: [ci], require: [tests] }\n`,
    );
    const built = `${ci.address}/app:1.2.3-build.7`;
    const live = `${prod.address}/live/app`;
    const digest = await yard.push(
      "app",
      built,
      ...["1.2-build.7", "latest-build.7"].map((tag) => `${ci.address}/app:${tag}`),
    );
    const promote = async (...flags: string[]) =>
      await yard.hive("promote", "app:1.2.3", "--build-id=7", "--json", ...flags);
    const rows = (text: string): Row[] => JSON.parse(text) as Row[];

    const refused = await promote();
    expect(refused.exitCode).toBe(6);
    expect(refused.stderr).toContain('nothing is attached that counts as "tests"');
    expect(rows(refused.stdout)).toMatchObject([{ status: "refused", digest }]);

    await attachTests(yard, built, passing);
    const tried = await promote("--dry-run");
    expect({ ...tried, stderr: "" }).toMatchObject({ exitCode: 0 });
    expect(rows(tried.stdout)).toMatchObject([
      { status: "would be promoted", digest, aliases: ["1.2", "latest"] },
    ]);
    const nothing = await yard.crane("digest", "--insecure", `${live}:1.2.3`).catch(() => "none");
    expect(nothing).toBe("none");

    const done = await promote();
    expect(done.exitCode).toBe(0);
    const [row] = rows(done.stdout);
    expect(row).toMatchObject({ status: "promoted", digest, aliases: ["1.2", "latest"] });
    for (const tag of ["1.2.3", "1.2", "latest"]) {
      expect((await yard.crane("digest", "--insecure", `${live}:${tag}`)).trim()).toBe(digest);
    }
    await yard.crane("validate", "--insecure", "--remote", `${live}:1.2.3`);
    const types = ["application/junit+xml", promotionType];
    expect(await attachedTypes(yard, `${live}:1.2.3`)).toEqual(types);
    const record = await yard.oras("manifest", "fetch", "--plain-http", `${live}@${row?.record}`);
    expect(record).toContain(`"dev.hive.promotion.from":"${built}"`);

    const again = await promote();
    expect({ exitCode: again.exitCode, rows: rows(again.stdout) }).toMatchObject({
      exitCode: 0,
      rows: [{ status: "there", aliases: [] }],
    });
    expect(await attachedTypes(yard, `${live}:1.2.3`)).toEqual(types);

    // What stands there stays, and a failed test lets nothing pass.
    await yard.push("other", built);
    await attachTests(yard, built, "<testsuite><testcase><failure/></testcase></testsuite>");
    const other = await promote();
    expect(other.exitCode).toBe(6);
    const [second] = rows(other.stdout);
    expect(second?.refusals).toEqual([
      "1 of its tests failed",
      `live/app:1.2.3 on ${prod.address} is another image, ${digest}`,
    ]);
    expect((await yard.crane("digest", "--insecure", `${live}:1.2.3`)).trim()).toBe(digest);
  }, 120_000);
});

test("within one registry only the record is sent, as its access log tells", async () => {
  await using directory = await tempDirectory();
  const log = join(directory.path, "access.log");
  await using registry = await startRegistry([
    `--storage=${directory.path}/store`,
    `--access-log=${log}`,
  ]);
  await using yard = await withRegistries(
    `  ci: { address: "${registry.address}/ci" }\n` +
      `  prod: { address: "${registry.address}/prod", role: prod, promote_from: [ci] }\n`,
  );
  await yard.push("app", `${registry.address}/ci/app:1.2.3`);
  expect((await yard.hive("promote", "app:1.2.3")).exitCode).toBe(0);
  registry.hive.kill("SIGTERM");
  await registry.hive.result;
  type Line = {
    method: string;
    path: string;
    received: number;
    userAgent?: string;
    query?: object;
  };
  const lines = (await Bun.file(log).text())
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line)
    .filter(({ userAgent = "" }) => !userAgent.startsWith("skopeo/"));
  const blobs = lines.filter(({ path }) => path.includes("/blobs/"));
  expect(
    blobs.filter(({ method, query }) => method === "POST" && query !== undefined),
  ).toHaveLength(3);
  expect(blobs.filter(({ method }) => method === "GET")).toEqual([]);
  const received = blobs.reduce((sum, line) => sum + line.received, 0);
  expect(received).toBeGreaterThan(0);
  expect(received).toBeLessThan(1000);
}, 120_000);

describe("a way that hive.yml does not allow", () => {
  test.each([
    [["app:1.2.3", "--from=ci", "--to=prod"], 6, 'allows promotion to "prod" from "stage" only'],
    [["app:1.2.3", "--from=stage", "--to=ci"], 6, "lets nothing be promoted there"],
    [["app:1.2.3", "--from=prod"], 2, 'from "prod" to itself'],
    [["app:1.2.3", "--to=prdo"], 2, 'Did you mean "prod"?'],
    [["app:1.2.3", "--to=127.0.0.1:1"], 2, 'no registry "127.0.0.1:1"'],
    [["ap"], 2, 'Did you mean "app"?'],
    [["app:9.*"], 2, "No image of the project"],
    [["x.test/app:1.2.3"], 2, "--from says at which registry it is"],
    [["app:1.2.3"], 4, "127.0.0.1:1"],
  ])(
    "%o ends with %d",
    async (args, code, text) => {
      await using yard = await withRegistries(
        `  ci: { address: "127.0.0.1:1" }\n  stage: { address: "127.0.0.1:1/stage" }\n` +
          `  prod: { address: "127.0.0.1:1/prod", role: prod, promote_from: [stage] }\n`,
      );
      const { exitCode, stderr } = await yard.hive("promote", ...args);
      expect({ exitCode, stderr }).toEqual({
        exitCode: code,
        stderr: expect.stringContaining(text),
      });
    },
    60_000,
  );

  test("is a push to prod, by its name and by its address", async () => {
    await using yard = await withRegistries(
      `  ci: { address: "127.0.0.1:1" }\n` +
        `  prod: { address: "127.0.0.1:1/prod", role: prod, promote_from: [ci] }\n`,
    );
    for (const to of ["prod", "127.0.0.1:1/prod/team"]) {
      const { exitCode, stderr } = await yard.hive("push", "--to", to);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: expect.stringContaining("hive promote IMAGE --from ci --to prod"),
      });
    }
  });
});
