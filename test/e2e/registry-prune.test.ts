import { describe, expect, test } from "bun:test";
import { peerKinds, startPeerRegistry } from "../support/peer-registries.ts";
import { openShipyard, type Shipyard } from "../support/shipyard.ts";

const image = {
  "images/app/Dockerfile": "FROM scratch\n",
  "images/app/image.yml": "tags: [{ name: 1.2.3 }]\n",
};

async function withRegistries(registries: string): Promise<Shipyard> {
  return await openShipyard({
    ...image,
    "hive.yml": `platforms: [linux/amd64, linux/arm64]\nregistries:\n${registries}`,
  });
}

type Pruned = {
  readonly repository: string;
  readonly images: readonly {
    readonly tags: readonly string[];
    readonly status: string;
    readonly keptBy?: string;
  }[];
  readonly attached: readonly string[];
};

/** `tags: status`, the newest first. */
function statuses(text: string): string[] {
  const [first] = JSON.parse(text) as Pruned[];
  return (first?.images ?? []).map(
    ({ tags, status, keptBy }) => `${tags.join(" ")}: ${keptBy ?? status}`,
  );
}

describe.each(peerKinds)("at %s", (kind) => {
  test("what rules let go goes with what is attached to it, and nothing that stays lacks anything", async () => {
    await using ci = await startPeerRegistry(kind, { tls: false, users: {} });
    await using yard = await withRegistries(
      `  ci: { address: "${ci.address}/team", role: ci, retention: { keep_last: 2 } }\n`,
    );
    const app = `${ci.address}/team/app`;
    await yard.push("declared", `${app}:1.2.3`);
    const old = await yard.push("a", `${app}:20260101-000000`, `${app}:20260101-000000-x`);
    await yard.push("b", `${app}:20260102-000000`);
    await yard.push("c", `${app}:20260103-000000`, `${app}:latest`);
    const second = `${app}:20260102-000000`;
    const part = await yard.crane("digest", "--insecure", "--platform=linux/arm64", second);
    await yard.crane("tag", "--insecure", `${app}@${part.trim()}`, "20260109-000000-part");
    // A signature by tag, and an SBOM that refers to it.
    const signature = `${old.replace(":", "-")}.sig`;
    await Bun.write(`${yard.root}/sbom.json`, "{}");
    await yard.oras("push", "--plain-http", `${app}:${signature}`, "sbom.json");
    const created = "org.opencontainers.image.created=2026-01-01T00:00:00Z";
    const sbom = ["--artifact-type=application/spdx+json", `--annotation=${created}`];
    await yard.oras("attach", "--plain-http", ...sbom, `${app}@${old}`, "sbom.json");

    const tags = async (): Promise<string[]> =>
      (await yard.crane("ls", "--insecure", app)).trim().split("\n").toSorted();
    const before = await tags();
    expect(before).toContain(signature);

    const prune = async (...flags: string[]) =>
      await yard.hive("registry", "prune", "--registry=ci", "--json", ...flags);
    const tried = await prune("--dry-run");
    expect(tried.exitCode).toBe(0);
    expect(statuses(tried.stdout)).toEqual([
      "20260109-000000-part: keep_last",
      "20260103-000000 latest: keep_last",
      "20260102-000000: would be deleted",
      "20260101-000000 20260101-000000-x: would be deleted",
      "1.2.3: declared",
    ]);
    expect(await tags()).toEqual(before);

    const done = await prune();
    expect(done.exitCode).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject([
      { repository: "team/app", attached: expect.arrayContaining([signature]) },
    ]);
    expect(done.stderr).toContain("Deleted 2 images, 3 stay");
    expect(await tags()).toEqual(["1.2.3", "20260103-000000", "20260109-000000-part", "latest"]);
    for (const tag of await tags()) {
      await yard.crane("validate", "--insecure", "--remote", `${app}:${tag}`);
    }
    const gone = await yard.crane("digest", "--insecure", `${app}@${old}`).catch(() => "gone");
    expect(gone).toBe("gone");
    expect(await prune()).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("Deleted 0"),
    });
  }, 120_000);
});

test("hive's own registry tells when images were pushed", async () => {
  await using ci = await startPeerRegistry("hive", { tls: false, users: {} });
  await using yard = await withRegistries(`  ci: { address: "${ci.address}" }\n`);
  const app = `${ci.address}/app`;
  await yard.push("a", `${app}:1.0-build.1`);
  await yard.push("b", `${app}:1.0-build.2`);
  const ask = async (...flags: string[]): Promise<string[]> => {
    const args = ["registry", "prune", "app", "--registry=ci", "--json", "--dry-run", ...flags];
    const { exitCode, stdout, stderr } = await yard.hive(...args);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.not.stringContaining("does not tell"),
    });
    return statuses(stdout);
  };
  expect(await ask("--max-age=1h")).toEqual(["1.0-build.2: max_age", "1.0-build.1: max_age"]);
  expect(await ask("--keep-last=1")).toEqual([
    "1.0-build.2: keep_last",
    "1.0-build.1: would be deleted",
  ]);
  expect(await ask("--max-age=0")).toEqual([
    "1.0-build.2: would be deleted",
    "1.0-build.1: would be deleted",
  ]);
}, 120_000);

test("a registry that deletes nothing is told as such", async () => {
  await using ci = await startPeerRegistry("distribution", {
    tls: false,
    users: {},
    deletes: false,
  });
  await using yard = await withRegistries(`  ci: { address: "${ci.address}" }\n`);
  await yard.push("a", `${ci.address}/app:20260101-000000`);
  const args = ["registry", "prune", "--registry=ci", "--max-age=1d"];
  const { exitCode, stdout, stderr } = await yard.hive(...args);
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: expect.stringContaining("left"),
    stderr: expect.stringContaining("The registry does not offer this, or it is switched off"),
  });
}, 120_000);

describe("what is not clear", () => {
  test.each([
    [["--registry=ci"], 2, "Nothing says what is to stay"],
    [["--registry=ci", "--keep-last=0"], 2, "--keep-last"],
    [["--registry=ci", "--max-age=two"], 2, "no span of time"],
    [["--registry=ic", "--keep-last=1"], 2, 'Did you mean "ci"?'],
    [["--registry=prod", "--keep-last=1"], 6, "its role is prod"],
    [["--registry=prod"], 6, "its role is prod"],
    [["--registry=live", "--keep-last=1"], 6, "leave out the flags"],
    [["--registry=127.0.0.1:1/prod/team", "--keep-last=1"], 6, "its role is prod"],
    [["--registry=ci", "--keep-last=1", "prod/app"], 2, 'belongs to "prod"'],
    [["--registry=ci", "--keep-last=1", "app:1.0"], 2, "no name of a repository"],
    [["--registry=ci", "--keep-last=1"], 4, "127.0.0.1:1"],
  ])(
    "%o ends with %d",
    async (args, code, text) => {
      await using yard = await withRegistries(
        `  ci: { address: "127.0.0.1:1" }\n` +
          `  prod: { address: "127.0.0.1:1/prod", role: prod }\n` +
          `  live: { address: "127.0.0.1:1/live", role: prod, retention: { keep_last: 9 } }\n`,
      );
      const { exitCode, stderr } = await yard.hive("registry", "prune", ...args);
      expect({ exitCode, stderr }).toEqual({
        exitCode: code,
        stderr: expect.stringContaining(text),
      });
    },
    60_000,
  );
});
