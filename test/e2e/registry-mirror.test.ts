import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { startTap } from "../registry/support/tap.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { startBuildkitd } from "../support/buildkitd.ts";
import { dockerClient } from "../support/docker-client.ts";
import { startDockerd } from "../support/dockerd.ts";
import { requireEnv } from "../support/require-env.ts";
import { run } from "../support/run.ts";
import { runHive } from "../support/run-hive.ts";
import { type RunningRegistry, startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { tokenRegistry } from "../support/token-registry.ts";

type Chain = AsyncDisposable & {
  readonly upstream: RunningRegistry;
  readonly mirror: RunningRegistry;
  readonly directory: string;
  /** The digest of `library/app:1`, an index of two platforms. */
  readonly digest: string;
  /** Requests to the upstream. */
  requests(): readonly string[];
  /** Runs skopeo, crane or regctl in the directory; the command has no spaces but those between words. */
  client(command: string): Promise<string>;
};

/** A registry with `library/app:1`, and one that mirrors it as docker.io and as upstream.test. */
async function openChain(args: readonly string[] = []): Promise<Chain> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await tempDirectory());
  const env = { HOME: directory, XDG_DATA_HOME: directory, DOCKER_CONFIG: join(directory, "none") };
  const upstream = stack.use(await startRegistry(["--ephemeral"], { env }));
  const tap = stack.use(await startTap(Number(upstream.address.split(":")[1])));
  const mirror = stack.use(
    await startRegistry(
      [
        "--storage",
        join(directory, "mirror"),
        `--mirror=docker.io=http://${tap.address}`,
        `--mirror=upstream.test:5000=http://${tap.address}`,
        ...args,
      ],
      { env },
    ),
  );
  const digest = await makeLayout(join(directory, "layout"));
  await writeFile(join(directory, "auth.json"), "{}");
  const clientEnv = { HOME: directory, REGISTRY_AUTH_FILE: join(directory, "auth.json") };
  const client: Chain["client"] = async (command) => {
    const [name = "", ...words] = command.split(" ");
    const program = name === "skopeo" ? name : join(requireEnv("HIVE_TEST_CLIENTS"), name);
    return await run([program, ...words], directory, clientEnv);
  };
  await client(
    `skopeo copy --all --dest-tls-verify=false oci:layout:index docker://${upstream.address}/library/app:1`,
  );
  const owned = stack.move();
  return {
    upstream,
    mirror,
    directory,
    digest,
    requests: () => tap.requests(),
    client,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function makeLayout(directory: string): Promise<string> {
  using layout = await openLayout(directory);
  const images = [];
  for (const architecture of ["amd64", "arm64"]) {
    const text = randomBytes(1_000_000).toString("hex");
    const image = await storeSampleImage(layout.blobs, { architecture, text });
    images.push({ ...image, platform: { os: "linux", architecture } });
  }
  const index = await storeSampleIndex(layout.blobs, images);
  await layout.update(new Map([["index", index]]));
  return index.digest;
}

/** What `hive registry config` says of the mirror. */
async function mirrorConfig(chain: Chain, tool: string): Promise<string> {
  const flags = [`--registry=${chain.mirror.address}`, "--mirror=docker.io,upstream.test:5000"];
  return (await runHive(["registry", "config", tool, ...flags])).stdout;
}

const distinct = (requests: readonly string[]): number => new Set(requests).size;

describe("hive registry start --mirror", () => {
  test("clients pull through it, at once and again: each thing is fetched once", async () => {
    await using chain = await openChain();
    const { mirror, directory } = chain;
    const name = `${mirror.address}/docker.io/library/app:1`;
    const pulls = [
      `skopeo copy --all --src-tls-verify=false docker://${name} oci:by-skopeo:1`,
      `crane pull --insecure --format=oci ${name} by-crane`,
      `regctl --host reg=${mirror.address},tls=disabled image copy ${name} ocidir://by-regctl:1`,
      // As Docker asks a mirror.
      `skopeo copy --all --src-tls-verify=false docker://${mirror.address}/library/app:1 oci:by-docker:1`,
    ].map((command) => chain.client(command));
    await Promise.all(pulls);
    const requests = chain.requests().filter((line) => line.startsWith("GET /v2/library/app/"));
    // An index, two images, two configurations, two layers; the index by its tag.
    expect(requests).toHaveLength(7);
    expect(distinct(requests)).toBe(7);
    for (const copy of ["by-skopeo", "by-crane", "by-docker", "by-regctl"]) {
      const index = await Bun.file(join(directory, copy, "index.json")).text();
      expect(index).toContain(chain.digest);
    }
    const metrics = await (await fetch(`${mirror.url}/metrics`)).text();
    expect(metrics).toMatch(/^hive_registry_mirror_fetched_bytes_total [1-9]\d{6,}$/m);
    expect(metrics).not.toContain("library/app");
  }, 60_000);

  test("64 clients at once are one download of a blob", async () => {
    await using chain = await openChain();
    const content = randomBytes(20_000_000);
    const digest = digestOf(content);
    await fetch(`${chain.upstream.url}/v2/library/app/blobs/uploads/?digest=${digest}`, {
      method: "POST",
      body: content,
    });
    const path = `${chain.mirror.url}/v2/docker.io/library/app/blobs/${digest}`;
    const digests = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const hasher = new Bun.CryptoHasher("sha256");
        for await (const chunk of (await fetch(path)).body ?? []) hasher.update(chunk);
        return `sha256:${hasher.digest("hex")}`;
      }),
    );
    expect(new Set(digests)).toEqual(new Set([digest]));
    expect(chain.requests().filter((line) => line.includes(digest))).toEqual(
      [expect.stringMatching(/^POST /), `GET /v2/library/app/blobs/${digest}`].slice(1),
    );
  }, 60_000);

  test("what is stored is served when the upstream is gone, also after a restart", async () => {
    await using directory = await tempDirectory();
    const env = { HOME: directory.path, DOCKER_CONFIG: join(directory.path, "none") };
    const digest = await makeLayout(join(directory.path, "layout"));
    const storage = ["--storage", join(directory.path, "mirror"), "--mirror-ttl=0"];
    let address: string;
    {
      await using upstream = await startRegistry(["--ephemeral"], { env });
      ({ address } = upstream);
      await using mirror = await startRegistry([...storage, `--mirror=docker.io=${address}`], {
        env,
      });
      const copy = ["skopeo", "copy", "--all", "--dest-tls-verify=false", "--src-tls-verify=false"];
      const there = `docker://${address}/library/app:1`;
      await run([...copy, "oci:layout:index", there], directory.path, env);
      const here = `docker://${mirror.address}/docker.io/library/app:1`;
      await run([...copy, here, "oci:before:1"], directory.path, env);
    }
    await using mirror = await startRegistry([...storage, `--mirror=docker.io=${address}`], {
      env,
    });
    const response = await fetch(`${mirror.url}/v2/docker.io/library/app/manifests/1`);
    expect(response.headers.get("docker-content-digest")).toBe(digest);
    expect(response.headers.get("warning")).toBe('299 - "docker.io could not be asked"');
    const here = `docker://${mirror.address}/docker.io/library/app:1`;
    const copy = ["skopeo", "copy", "--all", "--src-tls-verify=false", here, "oci:after:1"];
    await run(copy, directory.path, env);
    expect(mirror.hive.stderr()).toMatch(
      /Mirror of docker\.io: Cannot reach the registry \S+: nobody listens there; what is stored is served/,
    );
    const status = await runHive(["registry", "status", ...storage.slice(0, 2), "--json"], { env });
    expect(JSON.parse(status.stdout)).toMatchObject({
      role: "sandbox",
      mirrors: [{ name: "docker.io", origin: `http://${address}` }],
    });
  }, 60_000);

  test("garbage collection keeps copies, and parts that were never asked for are no harm", async () => {
    await using chain = await openChain(["--mirror-ttl=0"]);
    const { mirror, directory } = chain;
    const name = `${mirror.address}/docker.io/library/app:1`;
    await chain.client(`crane pull --insecure --platform=linux/amd64 ${name} amd64.tar`);
    const gc = async (): Promise<{ manifests: number; blobs: number }> => {
      const storage = `--storage=${join(directory, "mirror")}`;
      const args = ["registry", "gc", storage, "--grace=0", "--untagged=0s", "--json"];
      const { exitCode, stdout, stderr } = await runHive(args, { env: { HOME: directory } });
      expect([exitCode, stderr]).toEqual([0, ""]);
      return JSON.parse(stdout) as { manifests: number; blobs: number };
    };
    expect(await gc()).toMatchObject({ manifests: 0, blobs: 0 });
    const before = chain.requests().length;
    await chain.client(`crane pull --insecure --platform=linux/amd64 ${name} again.tar`);
    expect(chain.requests().slice(before)).toEqual(["HEAD /v2/library/app/manifests/1"]);
    await chain.client(`crane pull --insecure --platform=linux/arm64 ${name} arm64.tar`);
    // When the tag moves, what it stood for has none.
    const { address } = chain.upstream;
    await makeLayout(join(directory, "next"));
    await chain.client(
      `skopeo copy --all --dest-tls-verify=false oci:next:index docker://${address}/library/app:1`,
    );
    await chain.client(`crane digest --insecure ${name}`);
    // An index, and two images of a manifest, a configuration and a layer.
    expect(await gc()).toMatchObject({ manifests: 3, blobs: 7 });
  }, 60_000);

  test.each([
    ["old", false],
    ["containerd", true],
  ])(
    "Docker with its %s store takes it as a mirror of Docker Hub",
    async (_, containerdStore) => {
      await using chain = await openChain();
      const mirrors = [chain.mirror.url];
      await using engine = await startDockerd({ containerdStore, mirrors });
      await dockerClient(engine.host, ["pull", "library/app:1"]);
      const format = "{{index .RepoDigests 0}}";
      const inspect = ["image", "inspect", "--format", format, "library/app:1"];
      const inspected = await dockerClient(engine.host, inspect);
      expect(inspected).toContain(chain.digest);
      expect(chain.requests()).toContain("GET /v2/library/app/manifests/1");
    },
    120_000,
  );

  test("BuildKit takes it as a mirror of any registry", async () => {
    await using chain = await openChain();
    await using daemon = await startBuildkitd({ config: await mirrorConfig(chain, "buildkit") });
    const context = join(chain.directory, "context");
    await mkdir(context);
    for (const name of ["app", "upstream.test:5000/library/app"]) {
      await writeFile(join(context, "Dockerfile"), `FROM ${name}:1@${chain.digest}\n`);
      const inputs = [`--local=context=${context}`, `--local=dockerfile=${context}`];
      const daemonFlags = ["--addr", daemon.address];
      await run([
        requireEnv("HIVE_TEST_BUILDCTL"),
        ...daemonFlags,
        "build",
        "--frontend=dockerfile.v0",
        ...inputs,
        "--output=type=oci,dest=/dev/null",
      ]);
    }
    const repositories = await fetch(`${chain.mirror.url}/v2/_catalog`);
    expect(await repositories.json()).toEqual({
      repositories: ["docker.io/library/app", "upstream.test_5000/library/app"],
    });
  }, 120_000);

  test("skopeo, as podman, takes it as a mirror of any registry", async () => {
    await using chain = await openChain();
    await writeFile(join(chain.directory, "conf"), await mirrorConfig(chain, "podman"));
    for (const name of ["docker.io/library/app", "upstream.test:5000/library/app"]) {
      const inspect = `skopeo --registries-conf conf inspect --raw docker://${name}:1`;
      expect(digestOf(Buffer.from(await chain.client(inspect)))).toBe(chain.digest as Digest);
    }
  }, 60_000);

  test("an upstream that wants a login gets that of this machine, never the client's", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(join(directory.path, "layout"));
    const image = await storeSampleImage(layout.blobs);
    await layout.update(new Map([["library/app:1", image]]));
    const credential = { username: "mirror", secret: "s3cret" };
    await using upstream = await tokenRegistry({ layout, credential });
    const authfile = join(directory.path, "auth.json");
    const auth = Buffer.from("mirror:s3cret").toString("base64");
    await writeFile(authfile, JSON.stringify({ auths: { [upstream.address]: { auth } } }));
    const env = { HOME: directory.path, DOCKER_CONFIG: join(directory.path, "none") };
    const mirror = `--mirror=docker.io=http://${upstream.address}`;
    const ask = async (registry: RunningRegistry): Promise<number> => {
      const url = `${registry.url}/v2/docker.io/library/app/manifests/1`;
      return (await fetch(url, { headers: { Authorization: `Basic ${auth}` } })).status;
    };
    {
      await using without = await startRegistry(["--ephemeral", mirror], { env });
      expect(await ask(without)).toBe(404);
    }
    expect(upstream.asked.filter(({ known }) => known)).toEqual([]);
    await using registry = await startRegistry(
      ["--ephemeral", mirror, `--mirror-authfile=${authfile}`],
      { env },
    );
    expect(await ask(registry)).toBe(200);
    expect(upstream.asked.at(-1)).toMatchObject({ agent: "hive", known: true });
    expect(registry.hive.stderr()).not.toContain("s3cret");
  }, 60_000);

  test.each([
    ["--mirror=", "Cannot use --mirror without a value"],
    ["--mirror=docker.io=", 'Cannot use "docker.io=" as a mirror'],
    ["--mirror=a/b", 'Cannot use "a/b" as a mirror'],
    ["--mirror=docker.io,docker.io=x.test", "Cannot mirror docker.io twice"],
    [
      "--mirror=docker.io=https://user:pw@x.test",
      "Cannot use what was given as a registry's address",
    ],
    ["--mirror=docker.io=ftp://x.test", "Cannot use"],
    ["--mutable-tags=latest", "Cannot use --mutable-tags with --role=sandbox"],
  ])("%s is refused", async (flag, message) => {
    const { exitCode, stderr } = await runHive(["registry", "start", "--ephemeral", flag]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("pw@");
  });
});
