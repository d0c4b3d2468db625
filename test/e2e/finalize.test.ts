import { describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../support/run.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** Nothing runs: any daemon builds both platforms. 1.10 is higher than 1.9, and 2 is declared. */
const files = {
  "hive.yml": "platforms: [amd64, arm64]\n",
  "images/base/image.yml": `tags: [{ name: "1.9" }, { name: "1.10" }, { name: "2.0" }, { name: "2" }]
latest_alias: { tag: latest }
`,
  "images/base/Dockerfile": "FROM scratch\nARG TARGETARCH\nLABEL of=$TARGETARCH\nCOPY data /\n",
  "images/base/data": `data ${crypto.randomUUID()}\n`,
  "images/one/image.yml": `tags: [{ name: "1.0" }]\nplatforms: [amd64]\n`,
  "images/one/Dockerfile": "FROM scratch\nCOPY data /\n",
  "images/one/data": "one\n",
};

type Row = {
  readonly name: string;
  readonly digest: string;
  readonly of?: string;
  readonly changed: boolean;
};

/** Without a registry of the machine's in the way, and no CI that would look for one. */
const quiet = { HIVE_REGISTRY: undefined, CONTAINER_HIVE_REGISTRY: undefined, HIVE_CI: "0" };

function hive(project: ProjectDirectory, ...args: string[]): Promise<HiveResult> {
  return runHive(args, { cwd: project.path, env: quiet });
}

function rows({ stdout, stderr }: HiveResult): Row[] {
  expect(stdout === "" ? stderr : "").toBe("");
  return JSON.parse(stdout) as Row[];
}

const names = (list: readonly Row[]): string[] => list.map(({ name, of }) => `${name} ${of ?? ""}`);

const aliases = ["base:1 base:1.10", "base:latest base:2.0"];

describe("hive finalize", () => {
  test("names in the store what was built in several runs, and the aliases", async () => {
    await using project = await projectDirectory(files);
    await hive(project, "build", "base", "--platform=arm64");
    const missing = await hive(project, "finalize");
    expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining("one:1.0")]);
    expect(missing.stderr).toContain("base:1.9 for linux/amd64");
    expect(missing.stderr).toMatch(/`hive build --platform=linux\/amd64`/);
    await hive(project, "build", "--platform=amd64");

    const list = JSON.parse((await hive(project, "list", "--json")).stdout) as {
      reference: string;
      platforms: string[];
    }[];
    expect(list.find(({ reference }) => reference === "base:1.9")?.platforms).toEqual([
      "linux/amd64",
      "linux/arm64",
    ]);
    const dry = rows(await hive(project, "finalize", "--dry-run", "--json"));
    expect((await hive(project, "list")).stdout).not.toContain("latest");
    const first = rows(await hive(project, "finalize", "--json"));
    expect(first).toEqual(dry);
    expect(names(first.filter(({ of }) => of !== undefined)).toSorted()).toEqual([
      ...aliases,
      "one:1 one:1.0",
    ]);
    expect(rows(await hive(project, "finalize", "--json")).some(({ changed }) => changed)).toBe(
      false,
    );
    expect((await hive(project, "export", "base:latest", "-o", "latest.tar")).exitCode).toBe(0);

    // An alias that the store has goes with what it stands for.
    await project.write("images/base/data", "other\n");
    await hive(project, "build", "base:1.10");
    const after = rows(await hive(project, "finalize", "base", "--json"));
    expect(after.filter(({ changed }) => changed)).toEqual([]);
    expect(after.find(({ name }) => name === "base:1")?.digest).not.toBe(
      first.find(({ name }) => name === "base:1")?.digest,
    );
  });

  test("keeps the builds of a build id apart from the others", async () => {
    await using project = await projectDirectory(files);
    await hive(project, "--build-id=mr-42", "build", "one");
    const listed = async (): Promise<string> => (await hive(project, "list")).stdout;
    expect(await listed()).toMatch(/^one:1\.0-build\.mr-42 /m);
    expect(await listed()).not.toMatch(/^one:1\.0 /m);
    await hive(project, "build", "one");
    await hive(project, "finalize", "one", "--build-id", "mr-42");
    expect(await listed()).toMatch(/^one:1-build\.mr-42 /m);
    expect(await listed()).not.toMatch(/^one:1 /m);
    const exported = await hive(project, "export", "one:1.0", "--build-id=mr-42", "-o", "one.tar");
    expect(exported.stderr).toContain("Wrote one:1.0-build.mr-42");
    const wrong = await hive(project, "build", "--build-id=a/b");
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("--build-id=a/b")]);
    const long = await hive(project, "build", `--build-id=${"x".repeat(110)}`);
    expect([long.exitCode, long.stderr]).toEqual([2, expect.stringContaining("too long")]);
  });

  test("puts together at a registry what the jobs of single platforms pushed there", async () => {
    await using project = await projectDirectory(files);
    await using storage = await tempDirectory();
    await using registry = await startRegistry([`--storage=${storage.path}`]);
    const at = `${registry.address}/team`;
    await hive(project, "build", "base");
    const finalize = (...args: string[]): Promise<HiveResult> =>
      hive(project, "finalize", "base", `--registry=${at}`, "--json", ...args);

    await pushPlatforms(project, at, ["1.9", "1.10", "2.0"]);
    const missing = await finalize();
    expect([missing.exitCode, missing.stderr]).toEqual([
      1,
      expect.stringContaining("team/base:2.linux-amd64 and team/base:2.linux-arm64"),
    ]);
    expect(missing.stderr).toContain("`hive build base:2`");
    await pushPlatforms(project, at, ["2"]);
    const dry = rows(await finalize("--dry-run"));
    expect(await tagsOf(at)).not.toContain("latest");

    const first = rows(await finalize());
    expect(first).toEqual(dry);
    expect(first.every(({ changed }) => changed)).toBe(true);
    expect((await tagsOf(at)).filter((tag) => !tag.includes("linux")).toSorted()).toEqual([
      "1",
      "1.10",
      "1.9",
      "2",
      "2.0",
      "latest",
    ]);
    const local = rows(await hive(project, "finalize", "base", "--json"));
    expect(first.map(({ name, digest }) => [name.replace(`${at}/`, ""), digest])).toEqual(
      local.map(({ name, digest }) => [name, digest]),
    );
    for (const { name, digest } of first) {
      expect(await digestsOf(name)).toEqual([digest, digest]);
    }
    expect(rows(await finalize()).some(({ changed }) => changed)).toBe(false);

    await pushPlatforms(project, at, ["2"], "-build.7");
    const id = ["finalize", "base:2", `--registry=${at}`, "--json", "--build-id=7"];
    expect(names(rows(await hive(project, ...id)))).toEqual([`${at}/base:2-build.7 `]);
  });

  test("logs in to a registry with TLS, and says who may not", async () => {
    await using project = await projectDirectory(files);
    await using storage = await tempDirectory();
    const env = { HIVE_REGISTRY_STORAGE: storage.path };
    const start = ["registry", "start", "--secure", "--port=0", "--detach", "--json"];
    const started = await runHive(start, { env });
    const { url, authority, password } = JSON.parse(started.stdout) as Record<string, string>;
    await using stop = new AsyncDisposableStack();
    stop.defer(async () => void (await runHive(["registry", "stop"], { env })));
    const host = String(url).replace("https://", "");
    await hive(project, "build", "one");
    await mkdir(join(storage.path, "trusted"));
    await run(["cp", String(authority), join(storage.path, "trusted", "ca.crt")]);
    const skopeo = ["skopeo", "copy", `--dest-creds=admin:${password}`];
    const trust = `--dest-cert-dir=${join(storage.path, "trusted")}`;
    await run(
      [...skopeo, trust, "oci:.hive:one:1.0", `docker://${host}/one:1.0.linux-amd64`],
      project.path,
    );
    const finalize = ["finalize", "one", `--registry=${host}`, `--ca-cert=${authority}`];
    const docker = join(storage.path, "docker");
    const as = async (auth: string): Promise<HiveResult> => {
      const auths = { [host]: { auth: Buffer.from(auth).toString("base64") } };
      await Bun.write(join(docker, "config.json"), JSON.stringify({ auths }));
      return await runHive(finalize, {
        cwd: project.path,
        env: { ...quiet, DOCKER_CONFIG: docker },
      });
    };
    expect((await as("admin:wrong")).exitCode).toBe(5);
    const done = await as(`admin:${password}`);
    expect([done.exitCode, done.stderr]).toEqual([0, ""]);
    expect(done.stdout).toMatch(/one:1 .*named/);
  });

  test("refuses images of the wrong platform, and Docker's media types among OCI's", async () => {
    await using project = await projectDirectory(files);
    await using storage = await tempDirectory();
    await using registry = await startRegistry([`--storage=${storage.path}`]);
    await hive(project, "build");
    const copy = ["skopeo", "copy", "--dest-tls-verify=false"];
    const target = `docker://${registry.address}/one:1.0.linux-amd64`;
    const finalize = (): Promise<HiveResult> =>
      hive(project, "finalize", "one", `--registry=${registry.address}`);
    await run([...copy, "--override-arch=arm64", "oci:.hive:base:2", target], project.path);
    expect((await finalize()).stderr).toContain("is an image for linux/arm64, not for linux/amd64");
    await run([...copy, "--format=v2s2", "oci:.hive:one:1.0", target], project.path);
    const mixed = await finalize();
    expect([mixed.exitCode, mixed.stderr]).toEqual([
      1,
      expect.stringContaining("registry.docker_media_types to true"),
    ]);
    expect(await tagsOf(registry.address, "one")).toEqual(["1.0.linux-amd64"]);
    await project.write("hive.yml", "registry: { docker_media_types: true }\n");
    expect((await finalize()).exitCode).toBe(0);
  });
});

async function pushPlatforms(
  project: ProjectDirectory,
  at: string,
  tags: readonly string[],
  suffix = "",
): Promise<void> {
  for (const tag of tags) {
    for (const arch of ["amd64", "arm64"]) {
      const target = `docker://${at}/base:${tag}.linux-${arch}${suffix}`;
      const copy = ["skopeo", "copy", "--dest-tls-verify=false", `--override-arch=${arch}`];
      await run([...copy, `oci:.hive:base:${tag}`, target], project.path);
    }
  }
}

async function tagsOf(at: string, image = "base"): Promise<string[]> {
  const list = ["skopeo", "list-tags", "--tls-verify=false", `docker://${at}/${image}`];
  return (JSON.parse(await run(list)) as { Tags: string[] }).Tags;
}

/** What skopeo and crane say that a name stands for. */
async function digestsOf(name: string): Promise<string[]> {
  const raw = ["skopeo", "inspect", "--raw", "--tls-verify=false", `docker://${name}`];
  const bytes = await run(raw);
  const crane = [join(requireEnv("HIVE_TEST_CLIENTS"), "crane"), "digest", "--insecure", name];
  return [
    `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`,
    (await run(crane)).trim(),
  ];
}
