import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { currentOwner } from "../../src/oci/run-owner.ts";
import type { RegistryCredential } from "../../src/registry/access/require-credential.ts";
import { writeServerState } from "../../src/server/server-state.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { scriptedServer } from "../remote/support/scripted-server.ts";
import { type ServedRegistry, servedRegistry } from "../remote/support/served-registry.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";

type Sample = AsyncDisposable & {
  readonly registry: ServedRegistry;
  /** `hive registry ...` with a home and a storage directory of its own. */
  run(...args: string[]): Promise<HiveResult>;
  runWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<HiveResult>;
  readonly home: string;
};

const owner = currentOwner();

/** A registry with `team/app:1.0` (two platforms), its tag `1.0-amd64`, and `base:1`, known as the local one. */
async function sample(credential?: RegistryCredential): Promise<Sample> {
  const directory = await tempDirectory();
  const registry = await servedRegistry(credential === undefined ? {} : { credential });
  const { blobs } = registry.layout;
  const amd64 = await storeSampleImage(blobs);
  const arm64 = await storeSampleImage(blobs, { architecture: "arm64" });
  const index = await storeSampleIndex(blobs, [
    { ...amd64, platform: { os: "linux", architecture: "amd64" } },
    { ...arm64, platform: { os: "linux", architecture: "arm64" } },
  ]);
  await registry.publish("team/app:1.0", index);
  await registry.publish("team/app:1.0-amd64", amd64);
  await registry.publish("base:1", arm64);
  const storage = join(directory.path, "hive", "registry");
  await mkdir(storage, { recursive: true });
  const url = `http://${registry.address}`;
  const state = { version: 1, pid: process.pid, owner, url, controlToken: "control" } as const;
  await writeServerState(storage, { ...state, address: registry.address });
  const env = {
    HOME: directory.path,
    XDG_DATA_HOME: directory.path,
    DOCKER_CONFIG: join(directory.path, "docker"),
  };
  return {
    registry,
    home: directory.path,
    run: async (...args) => await runHive(["registry", ...args], { cwd: directory.path, env }),
    runWith: async (more, ...args) =>
      await runHive(["registry", ...args], { cwd: directory.path, env: { ...env, ...more } }),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe("hive registry", () => {
  test("list, catalog and tags show what there is, for people and for programs", async () => {
    await using s = await sample();
    const list = await s.run("list");
    expect(list).toMatchObject({ exitCode: 0, stderr: "" });
    expect(list.stdout).toBe("REPOSITORY  TAGS\nbase           1\nteam/app       2\n");
    expect(JSON.parse((await s.run("list", "--json")).stdout)).toEqual([
      { repository: "base", tags: 1 },
      { repository: "team/app", tags: 2 },
    ]);
    expect((await s.run("catalog")).stdout).toBe("base\nteam/app\n");
    expect(JSON.parse((await s.run("catalog", "--json")).stdout)).toEqual(["base", "team/app"]);
    expect((await s.run("tags", "team/app")).stdout).toBe("1.0\n1.0-amd64\n");
    const named = await s.run("tags", `${s.registry.address}/team/app`, "--json");
    expect(JSON.parse(named.stdout)).toEqual(["1.0", "1.0-amd64"]);
  });

  test("--registry and HIVE_REGISTRY may be a name of hive.yml, or have a path", async () => {
    await using s = await sample();
    const yml = `registries:
  ci: { address: "${s.registry.address}/team", role: ci }
  prod: { address: "${s.registry.address}/prod", role: prod }
`;
    await writeFile(join(s.home, "hive.yml"), yml);
    await mkdir(join(s.home, "images/app"), { recursive: true });
    await writeFile(join(s.home, "images/app/image.yml"), "tags: [{ name: '1' }]\n");
    await writeFile(join(s.home, "images/app/Dockerfile"), "FROM scratch\n");
    for (const registry of ["ci", `${s.registry.address}/team`]) {
      const flag = `--registry=${registry}`;
      expect((await s.run("catalog", flag)).stdout).toBe("app\n");
      const list = await s.run("list", "--json", flag);
      expect(JSON.parse(list.stdout)).toEqual([{ repository: "app", tags: 2 }]);
      expect((await s.run("tags", "app", flag)).stdout).toBe("1.0\n1.0-amd64\n");
      const variable = await s.runWith({ HIVE_REGISTRY: registry }, "inspect", "app:1.0");
      expect(variable.stdout).toContain(`${s.registry.address}/team/app:1.0`);
      const deleted = await s.run("delete", "app:1.0", "--dry-run", "--json", flag);
      expect(JSON.parse(deleted.stdout)).toMatchObject([{ repository: "team/app" }]);
    }
    const source = `${s.registry.address}/base:1`;
    const imported = await s.run("import", source, "--registry=ci", "--json");
    expect(JSON.parse(imported.stdout)).toMatchObject([
      { name: `${s.registry.address}/team/base`, changed: true },
    ]);
    const refused = await s.run("import", source, "--registry=prod");
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining("hive promote"),
    ]);
    const config = await s.run("config", "podman", "--registry=ci", "--json");
    expect(JSON.parse(config.stdout)).toMatchObject({ registry: s.registry.address });
  });

  test("inspect shows an index, one of its images, and the bytes of both", async () => {
    await using s = await sample();
    const index = await s.run("inspect", "team/app:1.0");
    expect(index.exitCode).toBe(0);
    expect(index.stdout).toMatch(/^linux\/arm64 .* sha256:[0-9a-f]{64}$/m);
    const image = await s.run("inspect", "team/app:1.0", "--platform", "linux/arm64", "--json");
    const raw = await s.run("inspect", "team/app:1.0", "--platform", "linux/arm64", "--raw");
    const { digest, image: inspected } = JSON.parse(image.stdout) as {
      digest: string;
      image: unknown;
    };
    expect(inspected).toMatchObject({ config: { platform: "linux/arm64", cmd: ["/hello"] } });
    const hash = new Bun.CryptoHasher("sha256").update(raw.stdout).digest("hex");
    expect(`sha256:${hash}`).toBe(digest);
  });

  test("delete says what goes and what stays, and --dry-run only says it", async () => {
    await using s = await sample();
    const references = ["team/app:1.0-amd64", "base:1"];
    const dry = await s.run("delete", "--dry-run", ...references);
    expect(dry).toMatchObject({ exitCode: 0, stderr: "" });
    expect(dry.stdout).toMatch(/^Would delete team\/app:1\.0-amd64; .* stays for team\/app:1\.0$/m);
    expect(dry.stdout).toMatch(/^Would delete base:1 and its manifest sha256:/m);
    expect((await s.run("tags", "base")).stdout).toBe("1\n");

    const deleted = await s.run("delete", "--json", ...references, "base:none");
    expect(deleted.exitCode).toBe(1);
    expect(deleted.stderr).toContain("error: There is no base:none");
    expect(JSON.parse(deleted.stdout)).toMatchObject([
      { reference: "1.0-amd64", manifest: "kept", neededBy: ["1.0"] },
      { reference: "1", manifest: "deleted", tags: ["1"], neededBy: [] },
    ]);
    expect((await s.run("catalog")).stdout).toBe("team/app\n");
  });

  test("config prints what a tool needs to stdout, and where it belongs to stderr", async () => {
    await using s = await sample();
    const podman = await s.run("config", "podman");
    expect(podman.exitCode).toBe(0);
    expect(Bun.TOML.parse(podman.stdout)).toEqual({
      registry: [{ location: s.registry.address, insecure: true }],
    });
    expect(podman.stderr).toContain("/etc/containers/registries.conf.d/hive.conf");
    const json = await s.run("config", "containerd", "--registry", "https://r.test", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ tool: "containerd", registry: "r.test" });
  });

  test("any other registry gets the credentials of docker login, by --registry or HIVE_REGISTRY", async () => {
    const credential = { username: "user", secret: "hunter2" };
    await using s = await sample(credential);
    const { address } = s.registry;
    const refused = await s.run("catalog", "--registry", address);
    expect([refused.exitCode, refused.stdout]).toEqual([5, ""]);
    expect(refused.stderr).toContain(`hive login ${address}`);

    await mkdir(join(s.home, "docker"));
    const auth = Buffer.from("user:hunter2").toString("base64");
    const config = JSON.stringify({ auths: { [address]: { auth } } });
    await writeFile(join(s.home, "docker", "config.json"), config);
    const allowed = await s.run("catalog", "--registry", address);
    expect([allowed.exitCode, allowed.stdout]).toEqual([0, "base\nteam/app\n"]);
    const variable = await runHive(["registry", "catalog"], {
      env: { HIVE_REGISTRY: address, DOCKER_CONFIG: join(s.home, "docker") },
    });
    expect(variable.stdout).toBe(allowed.stdout);
  });

  test("the registry of this machine gets the token of its storage, and nobody else does", async () => {
    await using storage = await tempDirectory();
    await using local = scriptedServer(() => Response.json({ repositories: ["app"] }));
    await using other = scriptedServer(() => Response.json({ repositories: [] }));
    const state = { version: 1, pid: process.pid, owner, controlToken: "control" } as const;
    await writeServerState(storage.path, { ...state, url: local.url, address: local.address });
    const env = { HIVE_REGISTRY_STORAGE: storage.path, DOCKER_CONFIG: storage.path };
    expect((await runHive(["registry", "catalog"], { env })).stdout).toBe("app\n");
    await runHive(["registry", "catalog", "--registry", other.address], { env });
    expect([...local.asked, ...other.asked].map(({ authorization }) => authorization)).toEqual([
      "Bearer control",
      null,
    ]);
  });

  test("where no registry runs it says so, and how to start one", async () => {
    await using empty = await tempDirectory();
    const result = await runHive(["registry", "list", "--storage", empty.path]);
    expect([result.exitCode, result.stdout]).toEqual([4, ""]);
    expect(result.stderr).toContain(`No registry is running on "${empty.path}"`);
    expect(result.stderr).toContain("hive registry start");
  });

  test.each([
    { args: ["tags", "app:1.0"], code: 2, says: "hive registry tags app" },
    { args: ["tags", "none"], code: 1, says: "NAME_UNKNOWN" },
    { args: ["inspect", "team/app:none"], code: 1, says: "There is no team/app:none" },
    {
      args: ["inspect", "team/app:1.0", "--platform=what/is/this/then"],
      code: 2,
      says: "platform",
    },
    { args: ["inspect", "team/app:1.0", "--platform=windows/amd64"], code: 2, says: "linux/arm64" },
    { args: ["delete"], code: 2, says: "Missing argument" },
    { args: ["delete", "base:1", "team/app"], code: 2, says: "does not say what to delete" },
    { args: ["list", "--registry", "127.0.0.1:1"], code: 4, says: "nobody listens there" },
    { args: ["list", "--registry", "a b"], code: 2, says: "registry's address" },
    { args: ["list", "--ca-cert", "none.crt", "--registry", "r.test"], code: 2, says: "none.crt" },
  ])("$args ends with $code", async ({ args, code, says }) => {
    await using s = await sample();
    const result = await s.run(...args);
    expect([result.exitCode, result.stdout]).toEqual([code, ""]);
    expect(result.stderr).toContain(says);
    expect(s.registry.requests.filter((request) => request.startsWith("DELETE"))).toEqual([]);
  });
});
