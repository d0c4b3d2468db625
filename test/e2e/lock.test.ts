import { expect, test } from "bun:test";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { buildWords, steadyEnvironment } from "./build-words.ts";

/** A registry, and a way to put a new image behind one of its tags. */
async function library() {
  await using stack = new AsyncDisposableStack();
  const storage = stack.use(await tempDirectory());
  const registry = stack.use(await startRegistry([`--storage=${storage.path}`]));
  const source = stack.use(await projectDirectory());
  const owned = stack.move();
  return {
    address: registry.address,
    async push(tag: string, name = "base"): Promise<string> {
      const dockerfile = `FROM scratch\nCOPY busybox /bin/sh\nENV ID=${crypto.randomUUID()}\n`;
      await source.write("images/base/Dockerfile", dockerfile);
      const built = await hive(source, "build", "--progress=quiet");
      const from = `oci:${join(source.path, ".hive")}:base:1.0`;
      const to = `docker://${registry.address}/${name}:${tag}`;
      const copy = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false", from, to];
      const { exitCode, stderr } = Bun.spawnSync(copy);
      if (exitCode !== 0) throw new Error(stderr.toString());
      return /sha256:[0-9a-f]{64}/.exec(built.stdout)?.[0] ?? "";
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function hive(project: ProjectDirectory, ...args: string[]): Promise<HiveResult> {
  const result = await runHive(args, {
    cwd: project.path,
    env: { ...steadyEnvironment, DOCKER_CONFIG: "/nonexistent" },
  });
  if (result.exitCode !== 0 && result.exitCode !== 3) throw new Error(result.stderr);
  return result;
}

/** An image built on the library's, which copies from another of its tags. */
async function familyOn(address: string) {
  return projectDirectory({
    "images/base/image.yml": 'tags: [{ name: "1.0" }]\n',
    "images/base/Dockerfile": `FROM ${address}/base:1\nCOPY --from=${address}/base:2 /bin/sh /copy\n`,
  });
}

test("a build stays on what hive.lock pins until `hive lock --upgrade` moves it", async () => {
  await using registry = await library();
  const [one] = [await registry.push("1"), await registry.push("2")];
  await using app = await familyOn(registry.address);
  const name = `${registry.address}/base:1`;

  expect((await hive(app, "lock", "--check")).exitCode).toBe(3);
  const locked = await hive(app, "lock", "--json");
  expect(JSON.parse(locked.stdout).pins).toMatchObject({ [name]: one });
  const text = await Bun.file(join(app.path, "hive.lock")).text();
  expect(text).toContain(`  "${name}": ${one}\n`);
  expect((await hive(app, "lock", "--check")).exitCode).toBe(0);
  expect((await hive(app, "outdated", "--exit-code")).exitCode).toBe(0);
  expect(await buildWords(app.path)).not.toEqual({ "base:1.0": "unchanged" });
  expect(await buildWords(app.path)).toEqual({ "base:1.0": "unchanged" });

  const moved = await registry.push("1");
  const outdated = await hive(app, "outdated", "--json", "--exit-code");
  expect(outdated.exitCode).toBe(3);
  expect(JSON.parse(outdated.stdout)).toEqual([{ reference: name, pinned: one, latest: moved }]);
  expect(await buildWords(app.path)).toEqual({ "base:1.0": "unchanged" });
  // Not even a build from nothing gets the new one.
  expect(await buildWords(app.path, "--no-cache")).toEqual({ "base:1.0": "built" });
  expect(await layersOf(app)).toContain(await onlyLayer(registry.address, one));

  expect((await hive(app, "lock")).stdout).toContain("up to date");
  expect((await hive(app, "lock", "--upgrade")).stdout).toContain(`${one} -> ${moved}`);
  const explained = await hive(app, "explain", "base");
  expect(explained.stdout).toContain(`${one} -> ${moved}`);
  expect(await buildWords(app.path)).not.toEqual({ "base:1.0": "unchanged" });
  expect((await hive(app, "outdated")).stdout).toContain("up to date");
}, 120_000);

test("what no Dockerfile names leaves hive.lock, and only what is selected is asked for", async () => {
  await using registry = await library();
  await registry.push("1");
  await registry.push("2");
  await using app = await familyOn(registry.address);
  await hive(app, "lock");
  await app.write("images/base/Dockerfile", `FROM ${registry.address}/base:1\n`);
  await app.write("images/other/image.yml", 'tags: [{ name: "1" }]\n');
  await app.write("images/other/Dockerfile", `FROM ${registry.address}/base:3\n`);
  expect((await hive(app, "lock", "--check")).exitCode).toBe(3);
  const { changes, pins } = JSON.parse((await hive(app, "lock", "base", "--json")).stdout);
  expect(changes).toEqual([
    { reference: `${registry.address}/base:2`, from: expect.stringContaining("sha256:") },
  ]);
  expect(Object.keys(pins)).toEqual([`${registry.address}/base:1`]);
}, 120_000);

test("without hive.lock the tag's digest of now decides: unchanged as long as it stays", async () => {
  await using registry = await library();
  await registry.push("1");
  await registry.push("2");
  await using app = await familyOn(registry.address);
  await hive(app, "build");
  expect(await buildWords(app.path)).toEqual({ "base:1.0": "unchanged" });
  await registry.push("1");
  expect(await buildWords(app.path)).not.toEqual({ "base:1.0": "unchanged" });
}, 120_000);

test("what hive.lock does not pin is a warning, and an error when it is frozen", async () => {
  await using registry = await library();
  await registry.push("1");
  await registry.push("2");
  await using app = await familyOn(registry.address);
  await app.write("hive.lock", "version: 1\nimages: {}\n");
  expect((await hive(app, "build")).stderr).toContain("run `hive lock`");
  const frozen = await runHive(["build", "--frozen"], { cwd: app.path });
  expect(frozen.exitCode).toBe(2);
  expect(frozen.stderr).toContain(`does not pin ${registry.address}/base:1`);
  const ci = await runHive(["build"], { cwd: app.path, env: { HIVE_CI: "1" } });
  expect(ci.stderr).toContain("hive lock");
  expect(ci.exitCode).toBe(2);
}, 120_000);

test("a pin that a stage's name keeps from having an effect is a warning, and an error when it is frozen", async () => {
  await using app = await projectDirectory({
    "images/app/image.yml": 'tags: [{ name: "1" }, { name: "2" }]\n',
    // Nothing of the image is used, so that nobody asks for it.
    "images/app/Dockerfile": "FROM thing AS thing\nFROM __hive__/base:1.0\n",
    "hive.lock": `version: 1\nimages:\n  "thing": sha256:${"0".repeat(64)}\n`,
  });
  const { stderr } = await hive(app, "build");
  const told = `hive.lock can't pin thing in "images/app/Dockerfile", where a stage has the image's name`;
  expect(stderr.split(told)).toHaveLength(2);
  const frozen = await runHive(["build", "--frozen"], { cwd: app.path });
  expect(frozen).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(told) });
  await app.write("images/app/Dockerfile", "FROM thing AS other\nFROM __hive__/base:1.0\n");
  expect((await hive(app, "build", "--frozen")).stderr).not.toContain("can't pin");
}, 60_000);

test("pins hold for every way to write a name of Docker Hub's", async () => {
  await using registry = await library();
  const name = "library/thing";
  const pinned = await registry.push("latest", name);
  const layer = await onlyLayer(registry.address, pinned, name);
  const moved = await registry.push("latest", name);
  expect(moved).not.toBe(pinned);
  // There is no network: the daemon takes the registry for the Hub's mirror.
  const config = `[registry."docker.io"]
mirrors = ["${registry.address}"]
[registry."${registry.address}"]
http = true
`;
  await using daemon = await startBuildkitd({ config });
  const ways = [
    "thing",
    "thing:latest",
    "library/thing",
    "docker.io/thing",
    "docker.io/library/thing:latest",
  ];
  await using app = await projectDirectory(
    Object.fromEntries(
      ways.flatMap((way, index) => [
        [`images/way${index}/image.yml`, 'tags: [{ name: "1" }]\n'],
        [`images/way${index}/Dockerfile`, `FROM ${way} AS start\nENV WAY=${index}\n`],
      ]),
    ),
  );
  await app.write(
    "hive.lock",
    `version: 1\nimages:\n${ways.map((way) => `  "${way}": ${pinned}\n`).join("")}`,
  );
  const words = await buildWords(app.path, "way*", "--buildkit", daemon.address);
  expect(Object.keys(words)).toHaveLength(ways.length);
  for (const index of ways.keys()) {
    expect(await layersOf(app, `way${index}:1`)).toEqual([layer]);
  }
}, 120_000);

async function onlyLayer(address: string, digest: string, name = "base"): Promise<string> {
  const manifest = await (
    await fetch(`http://${address}/v2/${name}/manifests/${digest}`, {
      headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
    })
  ).json();
  return (manifest as Manifest).layers[0]?.digest ?? "";
}

async function layersOf(app: ProjectDirectory, name = "base:1.0"): Promise<string[]> {
  const image = `oci:${join(app.path, ".hive")}:${name}`;
  const { stdout } = Bun.spawnSync(["skopeo", "inspect", "--raw", image]);
  return (JSON.parse(stdout.toString()) as Manifest).layers.map(({ digest }) => digest);
}

type Manifest = { readonly layers: readonly { readonly digest: string }[] };
