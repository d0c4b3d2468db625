import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { isIndexType, isManifestType } from "../../src/oci/media-types.ts";
import { reachableBlobs } from "../../src/oci/reachable-blobs.ts";
import { storeLayer } from "../distribute/support/made-image.ts";
import { type StoredProject, storedProject } from "../distribute/support/stored-project.ts";
import { watchedRegistry } from "../distribute/support/watched-registry.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, startHive } from "../support/run-hive.ts";
import { run } from "../support/run.ts";
import { startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

type Row = {
  readonly from: string;
  readonly name: string;
  readonly digest?: string;
  readonly changed?: boolean;
  readonly tags: readonly { readonly tag: string; readonly changed?: boolean }[];
  readonly bytes?: { readonly sent: number; readonly mounted: number; readonly there: number };
  readonly error?: { readonly kind: string; readonly message: string };
};

function rows({ stdout, stderr }: HiveResult): Row[] {
  expect(stdout === "" ? stderr : "").toBe("");
  return JSON.parse(stdout) as Row[];
}

/** `base 1.0.linux-amd64 1.0`, of every row. */
const named = (list: readonly Row[]): string[] =>
  list.map(({ name, tags }) =>
    [name.slice(name.indexOf("/") + 1), ...tags.map(({ tag }) => tag)].join(" "),
  );

const sum = (list: readonly Row[], how: "sent" | "mounted" | "there"): number =>
  list.reduce((total, { bytes }) => total + (bytes?.[how] ?? 0), 0);

const family = { base: { tags: ["1.0"] }, app: { tags: ["2.0"], from: "__hive__/base:1.0" } };

/** `base:1.0`, and `app:2.0` that has its layer. */
async function familyProject(): Promise<StoredProject> {
  const project = await storedProject(family);
  const layer = await storeLayer(project.layout.blobs, 50_000);
  await project.store("base:1.0", { layers: [layer] });
  await project.store("app:2.0", { layers: [layer] });
  return project;
}

async function digestBy(client: "crane" | "skopeo", reference: string): Promise<string> {
  const args =
    client === "crane"
      ? [join(requireEnv("HIVE_TEST_CLIENTS"), "crane"), "digest", "--insecure", reference]
      : ["skopeo", "inspect", "--tls-verify=false", "--raw", `docker://${reference}`];
  const stdout = await run(args);
  if (client === "crane") return stdout.trim();
  return `sha256:${new Bun.CryptoHasher("sha256").update(stdout).digest("hex")}`;
}

describe("hive push", () => {
  test("brings platforms, indexes and aliases to a registry, and then only asks", async () => {
    await using project = await familyProject();
    await using registry = await watchedRegistry();
    const to = `--to=${registry.address}/team`;
    const dry = rows(await project.run(["push", to, "--dry-run", "--json"]));
    expect(registry.requests.some((request) => !request.startsWith("HEAD "))).toBe(false);
    const first = rows(await project.run(["push", to, "--json"]));
    expect(named(first)).toEqual(named(dry));
    expect(named(first).toSorted()).toEqual([
      "team/app 2.0 2",
      "team/app 2.0.linux-amd64",
      "team/app 2.0.linux-arm64",
      "team/base 1.0 1",
      "team/base 1.0.linux-amd64",
      "team/base 1.0.linux-arm64",
    ]);
    // The layer that they share goes there once.
    expect(sum(first, "sent")).toBeLessThan(60_000 + 4 * 2500);
    expect(sum(first, "mounted")).toBe(50_000);
    for (const name of ["base:1.0", "app:2.0"]) {
      const stored = await project.layout.find(name);
      const [repository = "", tag = ""] = name.split(":");
      const there = await registry.remote.headManifest(`team/${repository}`, tag);
      expect(there?.digest).toBe(stored?.digest);
    }

    registry.requests.length = 0;
    const again = rows(await project.run(["push", to, "--json"]));
    expect(again.some(({ changed }) => changed)).toBe(false);
    expect(registry.requests.length).toBe(8);
    expect(registry.requests.every((request) => request.startsWith("HEAD /v2/team/"))).toBe(true);
    const table = await project.run(["push", to]);
    expect(table.stdout).toMatch(/^\S+\/team\/base +1\.0 1 +sha256:\S+ +unchanged$/m);
    const quiet = await project.run(["push", to, "base", "--progress=quiet"]);
    expect(
      quiet.stdout.split("\n").filter((line) => /@sha256:[0-9a-f]{64}$/.test(line)),
    ).toHaveLength(3);
  });

  test("an unchanged push of 50 images costs only HEADs", async () => {
    const tags = Array.from({ length: 25 }, (_, at) => `${at}.0.0`);
    await using project = await storedProject(
      { base: { tags }, app: { tags } },
      "platforms: [amd64]\n",
    );
    for (const tag of tags) {
      await project.store(`base:${tag}`, { architectures: ["amd64"] });
      await project.store(`app:${tag}`, { architectures: ["amd64"] });
    }
    await using registry = await watchedRegistry();
    const first = rows(await project.run(["push", `--to=${registry.address}`, "--json"]));
    expect(first).toHaveLength(50);
    registry.requests.length = 0;
    const again = rows(await project.run(["push", `--to=${registry.address}`, "--json"]));
    expect([again.length, again.some(({ changed }) => changed !== false)]).toEqual([50, false]);
    const tagged = first.reduce((count, row) => count + row.tags.length, 0);
    expect(registry.requests.filter((request) => request.startsWith("HEAD "))).toHaveLength(tagged);
    expect(registry.requests).toHaveLength(tagged);
  });

  test("what was pushed and copied has one digest, whoever asks, and others can pull it", async () => {
    await using project = await familyProject();
    await using storages = await tempDirectory();
    await using ci = await startRegistry([`--storage=${storages.path}/ci`]);
    await using other = await startRegistry([`--storage=${storages.path}/other`]);
    await project.run(["push", `--to=${ci.address}/team`]);
    const copied = await project.run([
      "registry",
      "copy",
      `${ci.address}/team/app:2.*`,
      `${other.address}/copies/app`,
      "--json",
    ]);
    expect(named(rows(copied)).toSorted()).toEqual([
      "copies/app 2.0",
      "copies/app 2.0.linux-amd64",
      "copies/app 2.0.linux-arm64",
    ]);
    const digest = (await project.layout.find("app:2.0"))?.digest ?? "";
    for (const at of [`${ci.address}/team`, `${other.address}/copies`]) {
      expect(await digestBy("crane", `${at}/app:2.0`)).toBe(digest);
      expect(await digestBy("skopeo", `${at}/app:2.0`)).toBe(digest);
    }
    const pulled = join(storages.path, "pulled");
    const all = ["copy", "--all", "--preserve-digests", "--src-tls-verify=false"];
    const source = `docker://${other.address}/copies/app:2.0`;
    await run(["skopeo", ...all, source, `oci:${pulled}:app:2.0`]);

    // And back, from the layout that another tool made.
    const layout = [`--layout=${pulled}`, "--tag=back", `--registry=${ci.address}`, "--json"];
    const back = rows(await project.run(["registry", "push", "app", ...layout]));
    expect(back.map(({ digest: there }) => there)).toEqual([digest]);
    expect(await digestBy("crane", `${ci.address}/app:back`)).toBe(digest);

    // Without a word of where to, it is the registry of this machine.
    const here = await project.run(["push", "base", `--storage=${storages.path}/other`, "--json"]);
    expect(named(rows(here))).toHaveLength(3);
    const variable = { HIVE_REGISTRY_STORAGE: `${storages.path}/other` };
    const again = rows(await project.run(["push", "base", "--json"], variable));
    expect(again.map(({ changed }) => changed)).toEqual([false, false, false]);
    expect(await digestBy("crane", `${other.address}/base:1`)).toBe(
      (await project.layout.find("base:1.0"))?.digest ?? "",
    );
  });

  test("killed while a big blob moves, it goes on where it was", async () => {
    await using project = await storedProject(family);
    const { blobs } = project.layout;
    const [small, big] = [await storeLayer(blobs, 10_000), await storeLayer(blobs, 8_000_000)];
    const base = await project.store("base:1.0", { layers: [small, big] });
    await project.store("app:2.0");
    const needed = [...(await reachableBlobs(blobs, [base])).values()];
    const others = needed.filter(
      ({ digest, mediaType }) =>
        digest !== big.digest && !isIndexType(mediaType) && !isManifestType(mediaType),
    );
    let isHeld = true;
    let moves = false;
    await using registry = await watchedRegistry({
      async answer({ method, url, body }) {
        if (!isHeld || method !== "PUT" || !url.includes(big.digest.slice(7))) return undefined;
        const reader = body?.getReader();
        await reader?.read();
        moves = true;
        // Nothing more is taken, and no answer comes until the client is gone.
        await waitUntil("the client is killed", 60_000, () => !isHeld || undefined);
        return new Response(null, { status: 503 });
      },
    });
    const args = ["push", `--to=${registry.address}`, "--json"];
    const first = startHive(args, { cwd: project.root, env: project.env });
    await waitUntil("the big blob moves, and all others are there", 60_000, async () => {
      const there = await Promise.all(others.map((one) => registry.remote.hasBlob("base", one)));
      return (moves && !there.includes(false)) || undefined;
    });
    first.kill("SIGKILL");
    expect((await first.result).signalCode).toBe("SIGKILL");
    isHeld = false;
    registry.requests.length = 0;
    const again = rows(await project.run(args));
    expect(again.filter(({ error }) => error !== undefined)).toEqual([]);
    const ofBase = again.filter(({ name }) => name.endsWith("/base"));
    expect(sum(ofBase, "sent")).toBe(8_000_000);
    expect(await registry.remote.hasBlob("base", big)).toBe(true);
  });

  test("Ctrl-C stops it, and leaves what arrived", async () => {
    await using project = await storedProject({ app: { tags: ["1.0"] } });
    await project.store("app:1.0");
    let asked = false;
    const gone = Promise.withResolvers<undefined>();
    await using registry = await watchedRegistry({
      async answer({ method, url }) {
        if (method !== "PUT" || !url.includes("/blobs/")) return undefined;
        asked = true;
        return await gone.promise;
      },
    });
    const args = ["push", `--to=${registry.address}`];
    const hive = startHive(args, { cwd: project.root, env: project.env });
    await waitUntil("a blob moves", 60_000, () => asked || undefined);
    hive.kill("SIGINT");
    const { exitCode, stderr } = await hive.result;
    gone.resolve(undefined);
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining("Interrupted")]);
    expect(registry.requests.some((request) => request.startsWith("PUT /v2/app/manifests"))).toBe(
      false,
    );
  });

  test("a part of the platforms leaves the index to finalize, and a build id goes into every tag", async () => {
    await using project = await familyProject();
    await using registry = await watchedRegistry();
    const to = `--to=${registry.address}`;
    const part = rows(await project.run(["push", to, "app", "--platform=arm64", "--json"]));
    expect(named(part)).toEqual(["app 2.0.linux-arm64"]);
    await project.run(["push", to, "app", "--platform=amd64"]);
    const finalized = await project.run(["finalize", "app", `--registry=${registry.address}`]);
    expect(finalized.exitCode).toBe(0);
    const stored = await project.layout.find("app:2.0");
    expect((await registry.remote.headManifest("app", "2"))?.digest).toBe(
      stored?.digest ?? expect.unreachable(),
    );

    await project.store("base:1.0-build.mr-7");
    const built = rows(await project.run(["push", to, "base", "--build-id=mr-7", "--json"]));
    expect(named(built)).toEqual([
      "base 1.0.linux-amd64-build.mr-7",
      "base 1.0.linux-arm64-build.mr-7",
      "base 1.0-build.mr-7 1-build.mr-7",
    ]);
  });

  test("says what is not built, refuses production, and wants a registry", async () => {
    await using project = await storedProject(
      family,
      `platforms: [amd64, arm64]
registries:
  ci: { address: "127.0.0.1:1", role: ci }
  prod: { address: "registry.test/images", role: prod, promote_from: [ci] }
`,
    );
    await project.store("base:1.0", { architectures: ["amd64"] });
    const missing = await project.run(["push", "--to=ci"]);
    expect([missing.exitCode, missing.stderr]).toEqual([
      1,
      expect.stringContaining("were not built"),
    ]);
    expect(missing.stderr).toContain("base:1.0 for linux/arm64 and app:2.0");
    expect(missing.stderr).toMatch(/Run `hive build/);
    for (const to of ["prod", "registry.test/images", "https://registry.test/images/team"]) {
      const refused = await project.run(["push", `--to=${to}`]);
      expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        expect.stringContaining("hive promote IMAGE --from ci --to prod"),
      ]);
    }
    const none = await project.run(["push", "base"]);
    expect([none.exitCode, none.stderr]).toEqual([
      4,
      expect.stringContaining("hive registry start"),
    ]);
    const one = ["push", "base", "--platform=amd64"];
    for (const more of [["--dry-run"], ["--progress=none"]]) {
      const silent = await project.run([...one, "--to=ci", ...more]);
      expect([silent.exitCode, silent.stdout]).toEqual([4, expect.stringContaining("failed")]);
      expect(silent.stderr).toStartWith("error: Cannot copy .hive/base:1.0 to 127.0.0.1:1/base:");
    }
    const gone = await project.run([...one, "--to=ci", "--json"]);
    expect(gone.exitCode).toBe(4);
    expect(rows(gone)[0]?.error).toMatchObject({ kind: "unreachable" });
    expect(gone.stderr).toContain("127.0.0.1:1");
  });
});

describe("hive registry push", () => {
  test("tags by strategies: the flag, the variable, hive.yml, and the time without any", async () => {
    await using project = await storedProject(
      { app: { tags: ["1.2.3"] } },
      "platforms: [amd64, arm64]\nregistry: { tag_strategy: version }\n",
    );
    const index = await project.store("app:1.2.3");
    await using registry = await watchedRegistry();
    const push = async (
      args: readonly string[],
      env: Readonly<Record<string, string>> = {},
    ): Promise<string[]> =>
      named(
        rows(
          await project.run(
            ["registry", "push", `--registry=${registry.address}`, "--json", ...args],
            env,
          ),
        ),
      );
    expect(await push([])).toEqual(["app 1.2.3"]);
    expect(await push([], { HIVE_TAG_STRATEGY: "latest" })).toEqual(["app latest"]);
    expect(await push(["--strategy=semver"], { HIVE_TAG_STRATEGY: "latest" })).toEqual([
      "app 1.2.3 1.2 1",
    ]);
    expect(await push(["--strategy", "version", "--version", "4.5.6"])).toEqual(["app 4.5.6"]);
    expect(await push(["app", "--tag=one", "--tag=two"])).toEqual(["app one two"]);
    expect(await push(["--strategy=latest arch"])).toEqual([
      "app latest",
      "app latest-x86_64",
      "app latest-aarch64",
    ]);
    expect((await registry.remote.headManifest("app", "1"))?.digest).toBe(index.digest);
    const { manifest } = await registry.remote.manifest("app", "latest-aarch64");
    expect(manifest.kind).toBe("image");
    await Bun.write(join(project.root, "hive.yml"), "platforms: [amd64, arm64]\n");
    expect(await push([])).toEqual([expect.stringMatching(/^app \d{8}-\d{6} latest$/)]);
    const named2 = await push([], { HIVE_TAG_STRATEGY: "latest", HIVE_REGISTRY_TAG: "three" });
    expect(named2).toEqual(["app three"]);
  });

  test("tags by commit and branch, and says where there is neither", async () => {
    await using project = await storedProject({ app: { tags: ["1.0"] } });
    await project.store("app:1.0");
    await using registry = await watchedRegistry();
    const args = ["registry", "push", `--registry=${registry.address}`, "--json", "--strategy"];
    const nowhere = await project.run([...args, "sha"]);
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining("this is no git repository"),
    ]);
    const git = async (...words: string[]): Promise<string> => {
      const name = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
      return (await run(["git", "-C", project.root, ...name, ...words])).trim();
    };
    await git("init", "-q", "-b", "feature/login");
    await git("add", "--all");
    await git("commit", "-q", "-m", "first");
    const commit = (await git("rev-parse", "HEAD")).slice(0, 7);
    const tagsNow = async (env: Readonly<Record<string, string>> = {}): Promise<string[]> =>
      named(rows(await project.run([...args, "sha branch"], env)));
    expect(await tagsNow()).toEqual([`app ${commit} feature-login`]);
    await Bun.write(join(project.root, "images/app/Dockerfile"), "FROM scratch\nLABEL a=b\n");
    expect(await tagsNow()).toEqual([`app ${commit}-dirty feature-login`]);
    await git("checkout", "-q", "--detach");
    expect(await tagsNow({ CI_COMMIT_BRANCH: "main" })).toEqual([`app ${commit}-dirty main`]);
  });

  test("refuses what nobody could tell apart", async () => {
    await using project = await storedProject({ base: { tags: ["1.9", "1.10"] } });
    await project.store("base:1.9");
    await project.store("base:1.10");
    await using registry = await watchedRegistry();
    const push = (...args: string[]): Promise<HiveResult> =>
      project.run(["registry", "push", `--registry=${registry.address}`, ...args]);
    const both = await push();
    expect([both.exitCode, both.stderr]).toEqual([
      2,
      expect.stringContaining("Cannot push base:1.9 and base:1.10: both would be base:"),
    ]);
    const tagged = await push("--tag=x");
    expect([tagged.exitCode, tagged.stderr]).toEqual([2, expect.stringContaining("--tag")]);
    const unknown = await push("bse");
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining("base:1.9")]);
    expect((await push("--strategy=version")).exitCode).toBe(0);
    expect(
      registry.requests.filter((request) => request.startsWith("PUT /v2/base/man")),
    ).not.toEqual([]);
  });
});

describe("hive registry import and copy", () => {
  test("import takes an image of any registry into this one, all of it or some platforms", async () => {
    await using project = await familyProject();
    await using upstream = await watchedRegistry();
    await using storage = await tempDirectory();
    await using local = await startRegistry([`--storage=${storage.path}`]);
    await project.run(["push", `--to=${upstream.address}/team`]);
    const digest = (await project.layout.find("app:2.0"))?.digest ?? "";
    const take = async (...args: string[]): Promise<Row[]> =>
      rows(
        await project.run(
          ["registry", "import", `${upstream.address}/team/app:2.0`, "--json", ...args],
          { HIVE_REGISTRY_STORAGE: storage.path },
        ),
      );
    expect(await take()).toMatchObject([
      { name: `${local.address}/team/app`, digest, tags: [{ tag: "2.0", changed: true }] },
    ]);
    expect(await take("--as=app:two")).toMatchObject([
      { name: `${local.address}/app`, digest, tags: [{ tag: "two" }] },
    ]);
    const [some] = await take("--as=some", "--platform=arm64");
    expect(some?.digest).not.toBe(digest);
    expect(await digestBy("crane", `${local.address}/some:2.0`)).toBe(some?.digest ?? "");
    const wrong = await project.run(["registry", "import", `${upstream.address}/team/none:1`], {
      HIVE_REGISTRY_STORAGE: storage.path,
    });
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      1,
      expect.stringContaining(`there is no team/none:1 in ${upstream.address}`),
    ]);
  });

  test("copy takes one tag, those of a glob, or all, and goes on after a failure", async () => {
    await using project = await familyProject();
    await using from = await watchedRegistry();
    await using to = await watchedRegistry({
      answer: ({ method, url }) =>
        method === "PUT" && url.endsWith("/manifests/2")
          ? new Response("", { status: 403 })
          : undefined,
    });
    await project.run(["push", `--to=${from.address}`]);
    const copy = (...args: string[]): Promise<HiveResult> =>
      project.run(["registry", "copy", "--json", ...args]);
    const single = await copy(`${from.address}/app:2.0`, `${to.address}/one:x`);
    expect(named(rows(single))).toEqual(["one x"]);
    const some = await copy(`${from.address}/base:1*`, `${to.address}/base`);
    expect(named(rows(some)).toSorted()).toEqual([
      "base 1",
      "base 1.0",
      "base 1.0.linux-amd64",
      "base 1.0.linux-arm64",
    ]);
    const all = await copy("--all-tags", `${from.address}/app`, `${to.address}/app`);
    expect(all.exitCode).toBe(5);
    const failed = rows(all).filter(({ error }) => error !== undefined);
    expect(named(failed)).toEqual(["app 2"]);
    expect(rows(all)).toHaveLength(4);
    for (const args of [
      ["--all-tags", `${from.address}/app:1`, `${to.address}/app`],
      [`${from.address}/app:*`, `${to.address}/app:1`],
      [`${from.address}/app`, `${to.address}/app@sha256:${"0".repeat(64)}`],
    ]) {
      expect((await copy(...args)).exitCode).toBe(2);
    }
  });
});
