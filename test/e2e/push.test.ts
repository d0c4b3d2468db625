import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { openRegistry } from "../../src/remote/open-registry.ts";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import {
  type PeerKind,
  peerKinds,
  type PeerRegistry,
  peerUser,
  startPeerRegistry,
} from "../support/peer-registries.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive, startHive } from "../support/run-hive.ts";
import { requireEnv } from "../support/require-env.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { tokenRegistry } from "../support/token-registry.ts";
import { builtTargets, statuses } from "./build-json.ts";

/** Two families: `app` needs a step of `base`; `data` has no steps, so that any daemon builds both platforms. */
const files = {
  "images/base/Dockerfile": `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin; echo base-step-runs"]
`,
  "images/app/image.yml": `tags: [{ name: "1.2" }]\n`,
  "images/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY file /\nRUN cat /file\n",
  "images/app/file": `app ${crypto.randomUUID()}\n`,
  "images/data/image.yml": `tags: [{ name: "2.1" }]\nplatforms: [amd64, arm64]\n`,
  "images/data/Dockerfile": "FROM scratch\nCOPY file /\n",
  "images/data/file": `data ${crypto.randomUUID()}\n`,
};

type Name = {
  readonly name: string;
  readonly digest: string;
  readonly of?: string;
  readonly changed: boolean;
};

/** Without a registry of the machine's in the way, and no CI that would look for one. */
const quiet = {
  HIVE_CI: "0",
  HIVE_REGISTRY: undefined,
  CONTAINER_HIVE_REGISTRY: undefined,
  BUILDKITE_HOSTED_REGISTRY_URL: undefined,
  SOURCE_DATE_EPOCH: "1700000000",
};

type Job = {
  readonly cwd: string;
  readonly daemon?: Pick<Buildkitd, "address">;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

function hive({ cwd, daemon, env }: Job, ...args: string[]): Promise<HiveResult> {
  const host = daemon === undefined ? {} : { BUILDKIT_HOST: daemon.address };
  return runHive(args, { cwd, env: { ...quiet, ...host, ...env } });
}

function namesOf({ stdout }: HiveResult): readonly Name[] {
  return (JSON.parse(stdout) as { names: Name[] }).names;
}

function digestsOf(result: HiveResult): Record<string, string | undefined> {
  return Object.fromEntries(
    builtTargets(result).map(({ reference, platform, digest }) => [
      `${reference} ${platform}`,
      digest,
    ]),
  );
}

/** A checkout of the same commit on another machine: its files, and nothing that was built. */
async function checkout(project: ProjectDirectory): Promise<AsyncDisposable & { path: string }> {
  const directory = await tempDirectory();
  const path = join(directory.path, "checkout");
  await cp(project.path, path, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith("/.hive"),
  });
  return { path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

/** The tags of a repository, without those that stand for lists of referrers. */
async function tagsOf(address: string, repository: string): Promise<string[]> {
  const list = ["skopeo", "list-tags", "--tls-verify=false", ...credentials(address)];
  const { Tags } = JSON.parse(await run([...list, `docker://${address}/${repository}`])) as {
    Tags: string[];
  };
  return Tags.filter((tag) => !tag.startsWith("sha256-")).toSorted();
}

const withUsers = new Set<string>();

function credentials(address: string): string[] {
  return withUsers.has(address) ? [`--creds=${peerUser.name}:${peerUser.password}`] : [];
}

async function dockerConfig(
  directory: string,
  address: string,
  { name, password }: { readonly name: string; readonly password: string } = peerUser,
): Promise<Record<string, string>> {
  const auth = Buffer.from(`${name}:${password}`).toString("base64");
  await Bun.write(
    join(directory, "config.json"),
    JSON.stringify({ auths: { [address]: { auth } } }),
  );
  return { DOCKER_CONFIG: directory };
}

describe.each<PeerKind>([...peerKinds])("hive build --push to %s", (kind) => {
  let registry: PeerRegistry;
  let env: Record<string, string>;
  const stack = new AsyncDisposableStack();

  beforeAll(async () => {
    registry = stack.use(await startPeerRegistry(kind, { tls: false }));
    withUsers.add(registry.address);
    const directory = stack.use(await tempDirectory());
    env = await dockerConfig(directory.path, registry.address);
  });
  afterAll(() => stack.disposeAsync());

  test("a job builds on what another job pushed, which is not built again", async () => {
    await using project = await projectDirectory(files);
    const at = `${registry.address}/team`;
    const push = ["--json", "--progress=plain", `--registry=${at}`];
    await using first = await startBuildkitd();
    const pushed = await hive({ cwd: project.path, daemon: first, env }, "build", "base", ...push);
    expect(statuses(pushed)).toEqual({ "base:1.0": "built" });
    expect(pushed.stderr).toContain(`Pushing to ${at} (--registry)`);
    expect(pushed.stderr).toContain("base-step-runs");
    expect(existsSync(join(project.path, ".hive"))).toBe(false);

    await using second = await startBuildkitd();
    await using other = await checkout(project);
    const job = { cwd: other.path, daemon: second, env };
    const built = await hive(job, "build", "app", ...push);
    expect(statuses(built)).toEqual({ "base:1.0": "unchanged", "app:1.2": "built" });
    expect(built.stderr).not.toContain("base-step-runs");
    expect(existsSync(join(other.path, ".hive"))).toBe(false);
    expect(await tagsOf(registry.address, "team/app")).toEqual(["1", "1.2", "1.2.linux-amd64"]);
    expect(built.stdout + built.stderr).not.toContain(peerUser.password);

    // A daemon that nobody has asked anything, and the same digests in the store of a machine.
    expect(statuses(await hive(job, "build", "app", ...push))).toEqual({
      "base:1.0": "unchanged",
      "app:1.2": "unchanged",
    });
    const local = await hive(job, "build", "app", "--json", "--no-push");
    expect(digestsOf(local)).toEqual(digestsOf(built));
    expect(namesOf(built).map(({ name, of }) => [name, of])).toContainEqual([
      `${at}/app:1`,
      `${at}/app:1.2`,
    ]);
    const raw = [
      "skopeo",
      "inspect",
      "--raw",
      "--tls-verify=false",
      ...credentials(registry.address),
    ];
    const bytes = await run([...raw, `docker://${at}/app:1`]);
    const digest = `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
    expect(namesOf(built).find(({ name }) => name === `${at}/app:1`)?.digest).toBe(digest);
    expect(digestsOf(local)["app:1.2 linux/amd64"]).toBe(digest);
  }, 120_000);

  test("jobs of single platforms leave the names to hive finalize", async () => {
    await using project = await projectDirectory(files);
    const at = `${registry.address}/jobs`;
    const job = { cwd: project.path, env };
    const build = (...args: string[]): Promise<HiveResult> =>
      hive(job, "build", "data", "--json", ...args);
    for (const arch of ["amd64", "arm64"]) {
      const one = await build(`--platform=${arch}`, `--registry=${at}`);
      expect([one.exitCode, namesOf(one)]).toEqual([0, []]);
      expect(one.stderr).toContain(`\`hive finalize --registry=${at}\``);
    }
    expect(await tagsOf(registry.address, "jobs/data")).toEqual([
      "2.1.linux-amd64",
      "2.1.linux-arm64",
    ]);
    const finalized = await hive(job, "finalize", "data", `--registry=${at}`, "--json");
    const named = JSON.parse(finalized.stdout) as Name[];
    expect(named.map(({ name, changed }) => [name, changed])).toEqual([
      [`${at}/data:2.1`, true],
      [`${at}/data:2`, true],
    ]);
    // In one run the names come by themselves, and are the same.
    const whole = await build(`--registry=${registry.address}/whole`);
    expect(namesOf(whole).map(({ digest }) => digest)).toEqual(named.map(({ digest }) => digest));
    expect(whole.stderr).not.toContain("hive finalize");
    const again = await build(`--registry=${at}`);
    expect(builtTargets(again).map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
    expect(namesOf(again).some(({ changed }) => changed)).toBe(false);
  }, 60_000);
});

describe("hive build --push", () => {
  let registry: PeerRegistry;
  const stack = new AsyncDisposableStack();

  beforeAll(async () => {
    registry = stack.use(await startPeerRegistry("distribution", { tls: false, users: {} }));
  });
  afterAll(() => stack.disposeAsync());

  test("keeps the builds of a build id apart, and takes for them what others have built", async () => {
    await using project = await projectDirectory(files);
    const at = `${registry.address}/ids`;
    const build = (...args: string[]): Promise<HiveResult> =>
      hive({ cwd: project.path }, "build", "app", "--json", `--registry=${at}`, ...args);
    await build();
    const mine = await build("--build-id=mr-7");
    expect(statuses(mine)).toEqual({ "base:1.0": "unchanged", "app:1.2": "unchanged" });
    expect(namesOf(mine).map(({ name }) => name)).toContain(`${at}/app:1-build.mr-7`);
    expect(await tagsOf(registry.address, "ids/app")).toEqual([
      "1",
      "1-build.mr-7",
      "1.2",
      "1.2-build.mr-7",
      "1.2.linux-amd64",
      "1.2.linux-amd64-build.mr-7",
    ]);
    await project.write("images/app/file", `other ${crypto.randomUUID()}`);
    expect(statuses(await build("--build-id=mr-7"))).toEqual({
      "base:1.0": "unchanged",
      "app:1.2": "built",
    });
    // What the plain name stands for is that of before.
    expect(namesOf(await build("--build-id=mr-8")).length).toBeGreaterThan(0);
    const tags = await tagsOf(registry.address, "ids/app");
    expect(tags).toContain("1.2.linux-amd64-build.mr-8");
  }, 60_000);

  test("an image that is no longer whole is pushed again", async () => {
    await using project = await projectDirectory(files);
    const at = `${registry.address}/gone`;
    const build = (...args: string[]): Promise<HiveResult> =>
      hive({ cwd: project.path }, "build", "app", "--json", `--registry=${at}`, ...args);
    expect((await build("--no-skip")).exitCode).toBe(0);
    const { signal } = new AbortController();
    const remote = openRegistry({ address: registry.address, signal });
    const { manifest } = await remote.manifest("gone/app", "1.2.linux-amd64");
    const layer = manifest.kind === "image" ? manifest.layers.at(-1) : undefined;
    expect(layer && (await remote.deleteBlob("gone/app", layer.digest))).toBe(true);
    expect(statuses(await build())).toEqual({ "base:1.0": "unchanged", "app:1.2": "cached" });
    expect(layer && (await remote.hasBlob("gone/app", layer))).toBe(true);
    expect(statuses(await build("--no-skip"))).toEqual({
      "base:1.0": "cached",
      "app:1.2": "cached",
    });
  }, 60_000);

  test("what was pushed before a run was killed is not built again", async () => {
    await using project = await projectDirectory({
      ...files,
      "images/slow/image.yml": `tags: [{ name: "1" }]\n`,
      "images/slow/Dockerfile": `FROM __hive__/app:1.2\nRUN echo ${crypto.randomUUID()} && sleep 3\n`,
    });
    const args = ["build", "slow", `--registry=${registry.address}/killed`];
    const { address } = registry;
    const killed = startHive([...args, "--progress=plain"], { cwd: project.path, env: quiet });
    await killed.prints(/^\[slow:1 .*RUN/m);
    await killed.prints(`named ${address}/killed/app:1 `);
    killed.kill("SIGKILL");
    await killed.result;
    await using daemon = await startBuildkitd();
    const again = await hive({ cwd: project.path, daemon }, ...args, "--json");
    expect(statuses(again)).toEqual({
      "base:1.0": "unchanged",
      "app:1.2": "unchanged",
      "slow:1": "built",
    });
  }, 90_000);

  test("reads the inline cache of the image that is there", async () => {
    await using project = await projectDirectory({
      ...files,
      "hive.yml": "cache: { type: inline }\n",
    });
    const args = ["build", "base", "--json", `--registry=${registry.address}/inline`, "--no-skip"];
    await hive({ cwd: project.path }, ...args);
    await using daemon = await startBuildkitd();
    const result = await hive({ cwd: project.path, daemon }, ...args);
    expect(statuses(result)).toEqual({ "base:1.0": "cached" });
  }, 60_000);

  test("writes files of images besides, and Docker's media types where they are asked for", async () => {
    await using project = await projectDirectory({
      ...files,
      "hive.yml": "registry: { docker_media_types: true }\n",
    });
    const at = `${registry.address}/docker`;
    const args = ["build", "app", "data", "--json", `--registry=${at}`];
    const result = await hive({ cwd: project.path }, ...args, "--output=out");
    expect(result.exitCode).toBe(0);
    const written = join(project.path, "out/app/1.2/linux_amd64/file");
    expect(await Bun.file(written).text()).toBe(files["images/app/file"]);
    const { signal } = new AbortController();
    const remote = openRegistry({ address: registry.address, signal });
    const docker = "application/vnd.docker.distribution.manifest";
    expect((await remote.headManifest("docker/data", "2.1"))?.mediaType).toBe(
      `${docker}.list.v2+json`,
    );
    expect((await remote.headManifest("docker/app", "1"))?.mediaType).toBe(`${docker}.v2+json`);
    expect(Object.values(statuses(await hive({ cwd: project.path }, ...args)))).toEqual([
      "unchanged",
      "unchanged",
      "unchanged",
    ]);
  }, 60_000);
});

describe("where hive build pushes", () => {
  test("nothing leaves the machine that was not asked for, and then only to where it was", async () => {
    const asked: string[] = [];
    await using counting = serve((request) => {
      asked.push(request.url);
      return new Response(undefined, { status: 401 });
    });
    const { address } = counting;
    await using project = await projectDirectory({
      ...files,
      "hive.yml": `registry: { address: "${address}/yml" }
registries:
  ci: { address: "${address}/ci", role: ci }
  prod: { address: "${address}/prod", role: prod }
`,
    });
    const job = { cwd: project.path };
    expect((await hive(job, "build", "base")).exitCode).toBe(0);
    const kept = { ...job, env: { HIVE_CI: "1", HIVE_REGISTRY: address } };
    expect((await hive(kept, "build", "base", "--no-push")).exitCode).toBe(0);
    expect(asked).toEqual([]);

    const inCi = await hive({ ...job, env: { HIVE_CI: "1" } }, "build", "base");
    expect(inCi.stderr).toContain(`Pushing to ${address}/yml (registry.address in hive.yml)`);
    expect([inCi.exitCode, asked.length > 0]).toEqual([5, true]);
    expect(inCi.stderr).toContain(`hive login ${address}`);

    for (const flag of ["prod", `${address}/prod`, `http://${address}/prod`]) {
      const refused = await hive(job, "build", "base", `--registry=${flag}`);
      expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        expect.stringContaining("hive promote"),
      ]);
    }
    const env = { HIVE_REGISTRY: "h.test/a", CONTAINER_HIVE_REGISTRY: "c.test" };
    const planned = await hive({ ...job, env }, "plan", "base", "--json");
    expect(namesOf(planned)).toEqual([
      { name: "h.test/a/base:1.0" },
      { name: "h.test/a/base:1", of: "h.test/a/base:1.0" },
    ] as unknown as Name[]);
    const dry = await hive(job, "build", "base", "--dry-run", "--registry=ci", "--build-id=7");
    expect(dry.stdout).toContain(`${address}/ci/base:1.0.linux-amd64-build.7\n`);
  }, 60_000);

  test("--push without a registry is a wrong flag", async () => {
    await using project = await projectDirectory(files);
    const result = await hive({ cwd: project.path }, "build", "--push");
    expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining("--registry=")]);
  });
});

test("a registry with a token service gets the daemon's push by tokens, and the password stays with hive", async () => {
  await using project = await projectDirectory(files);
  await using directory = await tempDirectory();
  using layout = await openLayout(join(directory.path, "registry"), { durable: false });
  const credential = { username: "writer", secret: crypto.randomUUID() };
  await using registry = await tokenRegistry({ layout, credential });
  const { address } = registry;
  const push = ["build", "app", "--json", `--registry=${address}/t`];
  const as = async (password: string): Promise<HiveResult> => {
    const config = join(directory.path, "docker");
    const env = await dockerConfig(config, address, { name: credential.username, password });
    return await hive({ cwd: project.path, env }, ...push);
  };
  expect((await as("guessed")).exitCode).toBe(5);
  registry.asked.length = 0;
  const pushed = await as(credential.secret);
  expect(pushed.exitCode).toBe(0);
  expect(registry.asked.filter(({ agent, known }) => agent !== "hive" || !known)).toEqual([]);
  expect(registry.asked.map(({ scope }) => scope).join("\n")).toMatch(/t\/app:.*push/);
  expect(statuses(await as(credential.secret))).toEqual({
    "base:1.0": "unchanged",
    "app:1.2": "unchanged",
  });
  // By a token of one's own, too.
  const bearer = ["--no-skip", "--build-id=7", `--token=${registry.token}`];
  expect((await hive({ cwd: project.path }, ...push, ...bearer)).exitCode).toBe(0);
}, 60_000);

test("a registry with TLS of its own authority and a BuildKit that trusts it; one that does not says what to do", async () => {
  await using project = await projectDirectory(files);
  await using registry = await startPeerRegistry("distribution");
  const { address, authority = "" } = registry;
  await using directory = await tempDirectory();
  const env = await dockerConfig(directory.path, address);
  const args = ["build", "app", "--json", `--registry=${address}/tls`, `--ca-cert=${authority}`];
  await using stranger = await startBuildkitd();
  const refused = await hive({ cwd: project.path, daemon: stranger, env }, ...args);
  expect([refused.exitCode, refused.stderr]).toEqual([
    4,
    expect.stringContaining(`hive registry config buildkit --registry ${address} --ca-cert`),
  ]);
  const told = [
    "registry",
    "config",
    "buildkit",
    `--registry=${address}`,
    `--ca-cert=${authority}`,
  ];
  const config = (await runHive(told)).stdout;
  await using daemon = await startBuildkitd({ config });
  const pushed = await hive({ cwd: project.path, daemon, env }, ...args);
  expect([pushed.exitCode, Object.keys(statuses(pushed))]).toEqual([0, ["base:1.0", "app:1.2"]]);
}, 90_000);

test("a registry that takes no notes of what images are made of costs a warning, and a build each time", async () => {
  await using project = await projectDirectory(files);
  await using registry = await startPeerRegistry("hive", { tls: false, users: {} });
  await using picky = serve(async (request) => {
    const isNote = request.method === "PUT" && /\/manifests\/sha256:/.test(request.url);
    if (isNote) return Response.json({ errors: [{ code: "UNSUPPORTED" }] }, { status: 400 });
    return await forward(request, registry.address);
  });
  const args = ["build", "app", "--json", "--progress=plain", `--registry=${picky.address}`];
  for (const _run of [1, 2]) {
    const result = await hive({ cwd: project.path }, ...args);
    expect([result.exitCode, Object.values(statuses(result)).includes("unchanged")]).toEqual([
      0,
      false,
    ]);
    const warnings = result.stderr.match(/^warning: .*what images are made of.*400.*$/gm);
    expect(warnings).toHaveLength(1);
  }
}, 60_000);

test("several BuildKits push what they build, and pull what others have pushed", async () => {
  await using one = await startBuildkitd();
  await using two = await startBuildkitd();
  await using registry = await startPeerRegistry("distribution", { tls: false, users: {} });
  await using project = await projectDirectory({
    ...files,
    "hive.yml": `buildkit:
  nodes:
    - { address: "${one.address}", platforms: [linux/amd64] }
    - { address: "${two.address}", platforms: [linux/arm64] }
`,
    "images/child/image.yml": `tags: [{ name: "1" }]\nplatforms: [amd64, arm64]\n`,
    "images/child/Dockerfile":
      "FROM --platform=linux/amd64 __hive__/base:1.0 AS tools\nFROM __hive__/data:2.1\nCOPY --from=tools /bin/busybox /\n",
  });
  const env = { BUILDKIT_HOST: undefined };
  const args = ["build", "child", "--json", `--registry=${registry.address}/n`];
  const result = await hive({ cwd: project.path, env }, ...args);
  const nodes = builtTargets(result).map(({ reference, platform, node }) => [
    reference,
    platform,
    node,
  ]);
  expect(nodes).toContainEqual(["child:1", "linux/arm64", two.address]);
  expect(nodes).toContainEqual(["child:1", "linux/amd64", one.address]);
  expect(namesOf(result).map(({ name }) => name)).toContain(`${registry.address}/n/child:1`);
}, 90_000);

test("a Docker Engine with the old image store pushes by itself", async () => {
  const engine = requireEnv("HIVE_TEST_DOCKER_OLD_STORE_HOST").replace("unix://", "docker://");
  await using registry = await startPeerRegistry("hive", { tls: false });
  withUsers.add(registry.address);
  await using directory = await tempDirectory();
  const env = { ...(await dockerConfig(directory.path, registry.address)), DOCKER_HOST: undefined };
  await using project = await projectDirectory({
    ...files,
    "images/data/image.yml": `tags: [{ name: "2.1" }]\n`,
    "images/child/image.yml": `tags: [{ name: "1" }]\n`,
    "images/child/Dockerfile": "FROM __hive__/data:2.1\nCOPY more /\n",
    "images/child/more": `more ${crypto.randomUUID()}`,
  });
  const at = `${registry.address}/engine`;
  const args = ["build", "child", "--json", `--buildkit=${engine}`, `--registry=${at}`];
  const result = await hive({ cwd: project.path, env }, ...args);
  expect([result.exitCode, statuses(result)["child:1"]]).toEqual([0, "built"]);
  const raw = [
    "skopeo",
    "inspect",
    "--raw",
    "--tls-verify=false",
    ...credentials(registry.address),
  ];
  const manifest = JSON.parse(await run([...raw, `docker://${at}/child:1.linux-amd64`])) as unknown;
  expect(manifest).toMatchObject({ mediaType: "application/vnd.oci.image.manifest.v1+json" });
  expect(statuses(await hive({ cwd: project.path, env }, ...args))).toEqual({
    "data:2.1": "unchanged",
    "child:1": "unchanged",
  });
}, 60_000);

describe("a push that fails", () => {
  test("ends with 5 where the daemon may not, and with 4 where it can't reach the registry", async () => {
    await using project = await projectDirectory(files);
    await using registry = await startPeerRegistry("hive", { tls: false, users: {} });
    await using guard = serve(async (request) => {
      if (request.method !== "GET" && request.method !== "HEAD") {
        const errors = [{ code: "DENIED", message: "requested access is denied" }];
        return Response.json({ errors }, { status: 403 });
      }
      return await forward(request, registry.address);
    });
    const args = ["build", "base", "--json"];
    const job = { cwd: project.path };
    const denied = await hive(job, ...args, `--registry=${guard.address}`);
    expect([denied.exitCode, denied.stderr]).toEqual([
      5,
      expect.stringContaining(`hive login ${guard.address}`),
    ]);
    await using daemon = await startBuildkitd({ isolated: true });
    const away = await hive({ ...job, daemon }, ...args, `--registry=${registry.address}`);
    expect([away.exitCode, away.stderr]).toEqual([
      4,
      expect.stringContaining(`BuildKit can't reach ${registry.address}`),
    ]);
    const wrong = await hive(job, ...args, "--registry=127.0.0.1:1");
    expect([wrong.exitCode, wrong.stderr]).toEqual([4, expect.stringContaining("nobody listens")]);
  }, 60_000);
});

async function forward(request: Request, address: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.delete("host");
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  return await fetch(`http://${address}${pathname}${search}`, {
    method: request.method,
    headers,
    redirect: "manual",
    ...(hasBody ? { body: await request.arrayBuffer() } : {}),
  });
}

function serve(
  fetch: (request: Request) => Response | Promise<Response>,
): AsyncDisposable & { readonly address: string } {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  return {
    address: `127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
