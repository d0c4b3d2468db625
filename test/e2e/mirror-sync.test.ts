import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { type ServedRegistry, servedRegistry } from "../remote/support/served-registry.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { type RunningRegistry, startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";

type Setting = AsyncDisposable & {
  readonly upstream: ServedRegistry;
  readonly archive: RunningRegistry;
  /** Where copies of the upstream's images are: `127.0.0.1_41234`. */
  readonly prefix: string;
  readonly directory: string;
  readonly index: Descriptor;
  /** Writes what hive.yml mirrors; `UPSTREAM` stands for the upstream's address. */
  mirrors(...images: readonly string[]): Promise<void>;
  sync(...args: readonly string[]): Promise<HiveResult>;
  /** Tags of a copy; undefined when there is none. */
  tags(repository: string): Promise<readonly string[] | undefined>;
};

/** An upstream with `library/os:{1,2,2-slim,3-slim}` and `team/app:1` for two platforms, an archive, and a project. */
async function openSetting(): Promise<Setting> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await tempDirectory());
  const env = { HOME: directory, XDG_DATA_HOME: directory, DOCKER_CONFIG: join(directory, "none") };
  const upstream = stack.use(await servedRegistry());
  const { blobs } = upstream.layout;
  for (const tag of ["1", "2", "2-slim", "3-slim"]) {
    await upstream.publish(`library/os:${tag}`, await storeSampleImage(blobs, { text: tag }));
  }
  const images = [];
  for (const architecture of ["amd64", "arm64"]) {
    const image = await storeSampleImage(blobs, { architecture, text: architecture });
    images.push({ ...image, platform: { os: "linux", architecture } });
  }
  const index = await storeSampleIndex(blobs, images);
  await upstream.publish("team/app:1", index);
  const archive = stack.use(
    await startRegistry(["--storage", join(directory, "archive"), "--role=archive"], { env }),
  );
  const prefix = upstream.address.replace(":", "_");
  await mkdir(join(directory, "images", "app"), { recursive: true });
  await writeFile(join(directory, "images", "app", "image.yml"), "tags: [{ name: '1' }]\n");
  await writeFile(join(directory, "images", "app", "Dockerfile"), "FROM scratch\n");
  const written = (text: string): string => text.replaceAll("UPSTREAM", upstream.address);
  const owned = stack.move();
  return {
    upstream,
    archive,
    prefix,
    directory,
    index,
    async mirrors(...names) {
      const lines = [
        "registries:",
        "  ci: { address: ci.test }",
        `  archive: { address: "${archive.address}", role: archive, mirror: ${JSON.stringify(names.map(written))} }`,
        "",
      ];
      await writeFile(join(directory, "hive.yml"), lines.join("\n"));
    },
    sync: async (...args) =>
      await runHive(["mirror", "sync", ...args.map(written)], { cwd: directory, env }),
    async tags(repository) {
      const response = await fetch(`${archive.url}/v2/${prefix}/${repository}/tags/list`);
      if (response.status === 404) return undefined;
      return ((await response.json()) as { tags: readonly string[] }).tags;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe("hive mirror sync", () => {
  test("brings tags, globs and digests, for all platforms, and asks once for what is there", async () => {
    await using s = await openSetting();
    await s.mirrors("UPSTREAM/library/os:1", "UPSTREAM/library/os:*-slim", "UPSTREAM/team/app:1");
    const dry = await s.sync("--dry-run");
    expect([dry.exitCode, dry.stderr]).toEqual([0, expect.any(String)]);
    expect(await s.tags("library/os")).toBeUndefined();

    const first = await s.sync("--json");
    expect(first.exitCode).toBe(0);
    const rows = JSON.parse(first.stdout) as { name: string; changed: boolean }[];
    const { address } = s.archive;
    expect(rows.map(({ name, changed }) => [name, changed])).toEqual([
      [`${address}/${s.prefix}/library/os`, true],
      [`${address}/${s.prefix}/library/os`, true],
      [`${address}/${s.prefix}/library/os`, true],
      [`${address}/${s.prefix}/team/app`, true],
    ]);
    expect(await s.tags("library/os")).toEqual(["1", "2-slim", "3-slim"]);
    const copy = await fetch(`${s.archive.url}/v2/${s.prefix}/team/app/manifests/1`);
    expect(copy.headers.get("docker-content-digest")).toBe(s.index.digest);

    const before = s.upstream.requests.length;
    const second = await s.sync();
    expect([second.exitCode, second.stdout]).toEqual([0, expect.stringContaining("unchanged")]);
    const asked = s.upstream.requests.slice(before);
    expect(asked.filter((line) => !line.startsWith("HEAD "))).toEqual([
      "GET /v2/library/os/tags/list?n=1000",
    ]);
    expect(asked.filter((line) => line.startsWith("HEAD "))).toHaveLength(4);

    // containerd asks so where the archive is set up as a mirror.
    const pull = `${s.archive.url}/v2/team/app/manifests/1?ns=${s.upstream.address}`;
    expect((await fetch(pull)).headers.get("docker-content-digest")).toBe(s.index.digest);
  }, 60_000);

  test("one that fails keeps no other from being brought, and is told", async () => {
    await using s = await openSetting();
    await s.mirrors(
      "UPSTREAM/library/os:none",
      "UPSTREAM/library/os:none-*",
      "127.0.0.1:1/nobody/there:*",
      "UPSTREAM/team/app:1",
    );
    const { exitCode, stdout, stderr } = await s.sync("--json");
    expect(exitCode).toBe(1);
    const rows = JSON.parse(stdout) as { error?: { message: string } }[];
    expect(rows.map(({ error }) => error?.message)).toEqual([
      expect.stringContaining("there is no library/os:none"),
      expect.stringContaining("no tag of library/os on"),
      expect.stringContaining("Cannot reach the registry 127.0.0.1:1"),
      undefined,
    ]);
    expect(stderr).toContain("no tag of library/os");
    expect(await s.tags("team/app")).toEqual(["1"]);
  }, 60_000);

  test("a tag that moved is not moved in an archive, which says so", async () => {
    await using s = await openSetting();
    await s.mirrors("UPSTREAM/library/os:1", "UPSTREAM/team/app:1");
    expect((await s.sync()).exitCode).toBe(0);
    const image = await storeSampleImage(s.upstream.layout.blobs, { text: "moved" });
    await s.upstream.publish("library/os:1", image);
    const { exitCode, stderr } = await s.sync();
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("tags stay in a registry of the role archive");
  }, 60_000);

  test("--locked brings what hive.lock pins, by digest alone; --platform and --referrers choose", async () => {
    await using s = await openSetting();
    const signature = await s.upstream.attach("team/app", s.index, "application/vnd.test");
    await s.mirrors();
    const pins = [
      'version: "1"',
      "images:",
      `  "${s.upstream.address}/team/app:1": ${s.index.digest}`,
    ];
    await writeFile(join(s.directory, "hive.lock"), `${pins.join("\n")}\n`);
    const nothing = await s.sync();
    expect([nothing.exitCode, nothing.stderr]).toEqual([
      2,
      expect.stringContaining('Nothing is to be mirrored to "archive"'),
    ]);
    const { exitCode, stderr } = await s.sync("--locked", "--referrers");
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    expect(await s.tags("team/app")).toEqual([]);
    const path = `${s.archive.url}/v2/${s.prefix}/team/app`;
    expect((await fetch(`${path}/manifests/${s.index.digest}`)).status).toBe(200);
    expect((await fetch(`${path}/manifests/${signature}`)).status).toBe(200);
    await s.mirrors("UPSTREAM/team/app:1");
    expect((await s.sync("--platform=linux/arm64")).exitCode).toBe(0);
    const chosen = await fetch(`${path}/manifests/1`);
    expect(((await chosen.json()) as { manifests: unknown[] }).manifests).toHaveLength(1);
  }, 60_000);

  test("which registry is asked for must be clear", async () => {
    await using s = await openSetting();
    await s.mirrors("UPSTREAM/team/app:1");
    const { exitCode, stderr } = await s.sync("archiv");
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('hive.yml has no registry "archiv"'),
    ]);
    expect((await s.sync("archive")).exitCode).toBe(0);
  }, 60_000);
});
