import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { type TempDirectory, tempDirectory } from "../support/temp-directory.ts";
import { builtTargets, statuses } from "./build-json.ts";

/** Three levels for two platforms, of which no step needs an emulator; each is new to all daemons. */
function family(settings = ""): Promise<ProjectDirectory> {
  const id = crypto.randomUUID();
  return projectDirectory({
    "hive.yml": `platforms: [amd64, arm64]\nlabels: { vendor: Us }\n${settings}`,
    "images/base/Dockerfile": `FROM scratch\nCOPY busybox /bin/sh\nCOPY busybox /bin/busybox\nENV ID=${id}\n`,
    "images/mid/image.yml": `tags: [{ name: "2.0" }]\n`,
    "images/mid/Dockerfile": `FROM --platform=$BUILDPLATFORM __hive__/base:1.0 AS tool
RUN busybox head -c 100000 /dev/urandom > /made && busybox sha256sum /made > /sum
FROM __hive__/base:1.0
COPY --from=tool /made /sum /
`,
    "images/top/image.yml": `tags: [{ name: "3.0" }]\n`,
    "images/top/Dockerfile": `FROM __hive__/mid:2.0
COPY --from=__hive__/base:1.0 /bin/busybox /again
COPY Dockerfile /own
`,
  });
}

/** `{ "base:1.0 linux/amd64": "sha256:..." }` */
function digests(result: HiveResult): Record<string, string | undefined> {
  return Object.fromEntries(
    builtTargets(result).map(({ reference, platform, digest }) => [
      `${reference} ${platform}`,
      digest,
    ]),
  );
}

/** By which way the images of a run with `--progress=rawjson` went. */
function waysOf({ stderr }: HiveResult): string[] {
  const names = [...stderr.matchAll(/"name":"exporting to (oci image format|image)"/g)];
  return [...new Set(names.map(([, name]) => (name === "image" ? "registry" : "session")))];
}

let far: Buildkitd;
let cache: TempDirectory;
let near: string;

beforeAll(async () => {
  far = await startBuildkitd({ isolated: true });
  cache = await tempDirectory();
  near = requireEnv("BUILDKIT_HOST");
}, 60_000);

afterAll(async () => {
  await far[Symbol.asyncDispose]();
  await cache[Symbol.asyncDispose]();
});

type Run = { readonly daemon?: string; readonly cache?: string };

function hive(
  { path }: Pick<ProjectDirectory, "path">,
  args: readonly string[],
  { daemon = far.address, ...run }: Run = {},
): Promise<HiveResult> {
  const env = {
    BUILDKIT_HOST: daemon,
    XDG_CACHE_HOME: run.cache ?? cache.path,
    SOURCE_DATE_EPOCH: "1700000000",
  };
  return runHive(args, { cwd: path, env });
}

const knownFile = (directory: string): string => join(directory, "hive/handover.json");

/** Makes a run believe that this is the way to each daemon that is known. */
async function claim(directory: string, way: string): Promise<void> {
  const path = knownFile(directory);
  const text = await Bun.file(path).text();
  await Bun.write(path, text.replaceAll(/"way": "\w+"/g, `"way": "${way}"`));
}

describe("a daemon without a way to hive's registry", () => {
  test("builds a graph for two platforms over the session, found out by itself", async () => {
    await using project = await family();
    const first = await hive(project, ["build", "--json"]);
    expect([first.exitCode, Object.keys(digests(first)).length]).toEqual([0, 6]);
    const again = await hive(project, ["build", "--json"]);
    expect(digests(again)).toEqual(digests(first));
    expect(new Set(builtTargets(again).map(({ status }) => status))).toEqual(
      new Set(["unchanged"]),
    );

    const list = await hive(project, ["list", "--json"]);
    const names = (JSON.parse(list.stdout) as { reference: string }[]).map((row) => row.reference);
    expect(names.toSorted()).toEqual(["base:1.0", "mid:2.0", "top:3.0"]);
    const archive = join(project.path, "top.tar");
    const exported = await hive(project, ["export", "top:3.0", "--output", archive]);
    expect(exported.exitCode).toBe(0);
    const inspect = ["skopeo", "inspect", "--raw", `oci-archive:${archive}`];
    const manifest: unknown = await Bun.spawn(inspect, { stdout: "pipe" }).stdout.json();
    expect(manifest).toMatchObject({ manifests: [{}, {}] });
  }, 120_000);

  test("is asked once a day, and only when there is something to build", async () => {
    await using own = await tempDirectory();
    await using project = await projectDirectory();
    const run = (...args: string[]) => hive(project, ["build", ...args], { cache: own.path });
    expect(statuses(await run("--json"))).toEqual({ "base:1.0": "built" });
    const known = await Bun.file(knownFile(own.path)).text();
    expect(known).toContain('"way": "session"');
    expect(waysOf(await run("--no-skip", "--progress=rawjson"))).toEqual(["session"]);
    expect(await Bun.file(knownFile(own.path)).text()).toBe(known);

    await rm(join(own.path, "hive"), { recursive: true });
    expect(statuses(await run("--json"))).toEqual({ "base:1.0": "unchanged" });
    expect(await readdir(own.path)).toEqual([]);
  }, 60_000);

  test("that was reached once is built on over the session from the first failure on", async () => {
    await using own = await tempDirectory();
    await using project = await family();
    const run = (...args: string[]) => hive(project, ["build", ...args], { cache: own.path });
    expect((await run()).exitCode).toBe(0);
    await claim(own.path, "registry");
    // The parents are there: the first to fail is a pull.
    await project.write("images/top/Dockerfile", "FROM __hive__/mid:2.0\nCOPY Dockerfile /own2\n");
    const pulled = await run("--json", "--progress=plain");
    expect([pulled.exitCode, pulled.stderr]).toEqual([
      0,
      expect.stringContaining("images go over the session"),
    ]);
    expect(await Bun.file(knownFile(own.path)).text()).not.toContain("registry");

    expect((await run("--no-skip")).exitCode).toBe(0);
    await claim(own.path, "registry");
    const pushed = await run("--json", "--no-skip", "--progress=plain");
    expect([pushed.exitCode, pushed.stderr]).toEqual([
      0,
      expect.stringContaining("images go over the session"),
    ]);
    expect(digests(pushed)).toEqual(digests(pulled));
  }, 120_000);

  test("gives the steps of an image with an inline cache back", async () => {
    await using project = await family("cache: { type: inline }\n");
    expect((await hive(project, ["build"], { daemon: near })).exitCode).toBe(0);
    // Nothing of it is known to this daemon.
    const again = await hive(project, ["build", "--json", "--no-skip", "--progress=plain"]);
    const found = new Set(builtTargets(again).map(({ status }) => status));
    expect([again.exitCode, found]).toEqual([0, new Set(["cached"])]);
    expect(again.stderr).not.toContain("warning");
  }, 120_000);

  test("builds everything a second time for hive verify --rebuild", async () => {
    await using project = await family();
    await project.write("images/mid/Dockerfile", "FROM __hive__/base:1.0\nCOPY Dockerfile /\n");
    const verified = await hive(project, ["verify", "--rebuild"]);
    expect([verified.exitCode, verified.stdout.match(/ same\n/g)?.length]).toEqual([0, 6]);
    const told = ["verify", "--rebuild", "--handover=registry", "base"];
    expect((await hive(project, told)).exitCode).toBe(1);
  }, 120_000);

  test("that gets damaged content has it named, and the next build mends it", async () => {
    await using project = await family();
    expect((await hive(project, ["build", "mid"], { daemon: near })).exitCode).toBe(0);
    const damaged = await damageLayers(project.path);
    const failed = await hive(project, ["build", "--progress=plain"]);
    expect(failed.exitCode).toBe(1);
    const named = /"([^"]*\.hive)" is damaged: sha256:(\w+)/.exec(failed.stderr);
    expect(named?.[1]).toBe(join(project.path, ".hive"));
    expect(damaged).toContain(named?.[2] ?? "");
    // One is found at a time.
    for (let tries = 0; tries < damaged.length; tries++) {
      if ((await hive(project, ["build"])).exitCode === 0) break;
    }
    expect(statuses(await hive(project, ["build", "--json"]))).toEqual({
      "base:1.0": "unchanged",
      "mid:2.0": "unchanged",
      "top:3.0": "unchanged",
    });
  }, 120_000);

  test("ends the run when the disk is full on our side, and leaves nothing behind", async () => {
    await using project = await projectDirectory({
      "images/big/image.yml": `tags: [{ name: "1" }]\n`,
      "images/big/Dockerfile":
        "FROM __hive__/base:1.0\nRUN head -c 30000000 /dev/urandom > /noise\n",
    });
    const store = join(project.path, ".hive");
    await mkdir(store);
    expect(Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", store]).success).toBe(
      true,
    );
    try {
      const full = await hive(project, ["build", "--progress=plain"]);
      expect([full.exitCode, full.stderr]).toEqual([1, expect.stringMatching(/no space/i)]);
      expect(full.stderr).toContain(".hive");
      expect(await readdir(join(store, "tmp"))).toEqual([]);
      Bun.spawnSync(["mount", "-o", "remount,size=200m", store]);
      expect((await hive(project, ["build"])).exitCode).toBe(0);
    } finally {
      Bun.spawnSync(["umount", store]);
    }
  }, 120_000);
});

describe("a daemon that reaches hive's registry", () => {
  test.each([
    { what: "two platforms", settings: "" },
    { what: "an inline cache", settings: "cache: { type: inline }\n" },
  ])(
    "gives images of $what the same digests by both ways",
    async ({ settings }) => {
      await using project = await family(settings);
      const run = async (way: string) => {
        const args = ["build", "--json", "--jobs=1", `--handover=${way}`];
        const result = await hive(project, args, { daemon: near });
        expect(result.exitCode).toBe(0);
        await rm(join(project.path, ".hive"), { recursive: true });
        return digests(result);
      };
      // What an inline cache tells of a step is less once the step was found in the daemon's own cache.
      await run("session");
      const registry = await run("registry");
      expect(await run("session")).toEqual(registry);
    },
    120_000,
  );

  test("gives images whose steps all run again the same digests as one without", async () => {
    await using project = await family();
    await project.write("images/mid/Dockerfile", "FROM __hive__/base:1.0\nCOPY Dockerfile /\n");
    await project.write(
      "images/top/Dockerfile",
      "FROM --platform=$BUILDPLATFORM __hive__/base:1.0 AS tool\nRUN busybox echo made > /made\nFROM __hive__/mid:2.0\nCOPY --from=tool /made /\n",
    );
    const there = await hive(project, ["build", "--json"]);
    await rm(join(project.path, ".hive"), { recursive: true });
    const here = await hive(project, ["build", "--json", "--handover=registry"], { daemon: near });
    expect([here.exitCode, digests(here)]).toEqual([0, digests(there)]);
  }, 120_000);

  test("is built on by its registry, unless it was out of reach within the last day", async () => {
    await using own = await tempDirectory();
    await using project = await projectDirectory();
    const build = async () =>
      waysOf(
        await hive(project, ["build", "--no-skip", "--progress=rawjson"], {
          daemon: near,
          cache: own.path,
        }),
      );
    expect(await build()).toEqual(["registry"]);
    await claim(own.path, "session");
    expect(await build()).toEqual(["session"]);
    await Bun.write(knownFile(own.path), "{ broken");
    expect(await build()).toEqual(["registry"]);
  }, 60_000);

  test("takes parents that were built over the session, and the other way round", async () => {
    await using project = await family();
    const build = (way: string, ...images: string[]) =>
      hive(project, ["build", "--json", `--handover=${way}`, ...images], { daemon: near });
    const registry = await build("registry", "base");
    const session = await build("session", "mid");
    const top = await build("registry");
    expect([registry, session, top].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(digests(top)).toMatchObject({ ...digests(registry), ...digests(session) });
  }, 120_000);
});

/** Changes a byte of each layer in the store; returns their digests in hex. */
async function damageLayers(project: string): Promise<string[]> {
  const directory = join(project, ".hive/blobs/sha256");
  const damaged: string[] = [];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const bytes = await Bun.file(path).bytes();
    // What begins with a brace is a manifest or a config.
    if (bytes[0] === "{".charCodeAt(0)) continue;
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await chmod(path, 0o644);
    await Bun.write(path, bytes);
    damaged.push(name);
  }
  return damaged;
}
