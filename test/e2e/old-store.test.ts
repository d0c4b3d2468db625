import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { startDockerd } from "../support/dockerd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, type RunningHive, runHive, startHive } from "../support/run-hive.ts";
import { waitUntil } from "../support/wait-until.ts";
import { builtTargets, statuses } from "./build-json.ts";

const oldStore = (): string => requireEnv("HIVE_TEST_DOCKER_OLD_STORE_HOST");

/** hive on the engine with the old store, whatever BuildKit the tests have besides. */
const onEngine = (host = oldStore()): Record<string, string | undefined> => ({
  DOCKER_HOST: host,
  BUILDKIT_HOST: "docker://",
  HIVE_TEST_SECRET: "a secret of the test",
});

async function engine(path: string, init: RequestInit = {}): Promise<Response> {
  const unix = new URL(oldStore()).pathname;
  return await fetch(`http://docker${path}`, { ...init, unix });
}

type EngineImage = { readonly Id: string; readonly RepoTags?: readonly string[] };

/** What `docker images --all` shows: every image with its names. */
async function engineImages(): Promise<string[]> {
  const images = (await (await engine("/images/json?all=1")).json()) as readonly EngineImage[];
  return images
    .map(({ Id, RepoTags: names = [] }) => `${Id} ${names.toSorted().join(" ")}`)
    .toSorted();
}

async function namesOfRuns(host = oldStore()): Promise<string[]> {
  const unix = new URL(host).pathname;
  const response = await fetch("http://docker/images/json", { unix });
  const images = (await response.json()) as readonly EngineImage[];
  return images.flatMap(({ RepoTags: names = [] }) =>
    names.filter((name) => name.includes("/hive-run/")),
  );
}

/** Two levels; what steps do is new to the engine, which knows only this host's network, or none. */
function project(more: Record<string, string> = {}): Promise<ProjectDirectory> {
  return projectDirectory({
    "images/base/image.yml": 'tags: [{ name: "1.0" }]\nnetwork: none\n',
    "images/app/image.yml": `tags: [{ name: "2.0" }]
network: none
secrets: { token: { source: env, value: HIVE_TEST_SECRET } }
`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0
RUN --mount=type=secret,id=token,required=true sha256sum < /run/secrets/token > /sum # ${crypto.randomUUID()}
COPY --from=__hive__/base:1.0 /bin/busybox /copied
`,
    ...more,
  });
}

const isOk = ({ exitCode, stderr }: HiveResult): void => {
  if (exitCode !== 0) throw new Error(`hive ended with ${exitCode}:\n${stderr}`);
};

describe("a Docker Engine with the old image store", () => {
  let before: string[];

  beforeAll(async () => {
    before = await engineImages();
  });

  afterAll(async () => {
    expect(await engineImages()).toEqual(before);
  });

  test("builds images on images, whose layers, configs and names are as of any build", async () => {
    await using directory = await project();
    const cwd = directory.path;
    const options = { cwd, env: onEngine() };

    const first = await runHive(["build", "--json"], options);
    isOk(first);
    expect(statuses(first)).toMatchObject({ "app:2.0": "built" });
    expect(await engineImages()).toEqual(before);
    expect(first.stdout + first.stderr).not.toContain("a secret of the test");
    expect(first.stderr.match(/are not reproducible/g)).toHaveLength(1);

    const second = await runHive(["build", "--json"], options);
    expect(statuses(second)).toEqual({ "base:1.0": "unchanged", "app:2.0": "unchanged" });
    expect(second.stderr).not.toContain("reproducible");
    const third = await runHive(["build", "--no-skip", "--json"], options);
    expect(statuses(third)).toEqual({ "base:1.0": "cached", "app:2.0": "cached" });
    expect(digests(third)).toEqual(digests(first));
    expect(await engineImages()).toEqual(before);

    const listed = await runHive(["list", "--json"], options);
    expect(listed.stdout).toContain(digests(first)["app:2.0"] ?? "no digest");
    const manifest = (await Bun.file(
      join(cwd, ".hive/blobs", (digests(first)["app:2.0"] ?? "").replace(":", "/")),
    ).json()) as { mediaType: string; config: { mediaType: string }; layers: unknown[] };
    expect(JSON.stringify(manifest)).not.toContain("docker");
    isOk(await runHive(["export", "app:2.0", "--output", join(cwd, "app.tar")], options));
    expect(await Bun.file(join(cwd, "app.tar")).exists()).toBe(true);

    // Another BuildKit makes another image: what this engine made is not taken for it.
    const elsewhere = await runHive(["build", "--json"], {
      cwd,
      env: { HIVE_TEST_SECRET: "a secret of the test" },
    });
    isOk(elsewhere);
    expect(Object.values(statuses(elsewhere))).not.toContain("unchanged");
    expect(digests(elsewhere)["app:2.0"]).not.toBe(digests(first)["app:2.0"]);
    const back = await runHive(["build", "--json"], options);
    expect(digests(back)).toEqual(digests(first));
  }, 120_000);

  test("takes an image with hive load, which then runs there", async () => {
    await using directory = await project();
    const options = { cwd: directory.path, env: onEngine() };
    const tag = crypto.randomUUID();
    await directory.write(
      "images/app/image.yml",
      `tags: [{ name: "${tag}" }]\nnetwork: none\nsecrets: { token: { source: env, value: HIVE_TEST_SECRET } }\n`,
    );
    isOk(await runHive(["build"], options));
    isOk(await runHive(["load", `app:${tag}`], options));
    try {
      const { stdout, stderr } = Bun.spawnSync(
        ["docker", "run", "--rm", "--network=none", `app:${tag}`, "cat", "/sum"],
        { env: { ...process.env, DOCKER_HOST: oldStore() } },
      );
      const sum = new Bun.CryptoHasher("sha256").update("a secret of the test").digest("hex");
      expect(stdout.toString() + stderr.toString()).toContain(sum);
    } finally {
      await engine(`/images/app:${tag}?force=1`, { method: "DELETE" });
    }
  }, 120_000);

  test("keeps nothing of a build that fails", async () => {
    await using directory = await project({
      "images/app/Dockerfile": "FROM __hive__/base:1.0\nRUN echo on purpose; exit 3\n",
    });
    const result = await runHive(["build"], { cwd: directory.path, env: onEngine() });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("on purpose");
    expect(await engineImages()).toEqual(before);
  }, 60_000);

  test("keeps nothing of a build that is interrupted while a step runs, or while the engine pushes", async () => {
    const endless = `RUN echo has started; sleep 600 # ${crypto.randomUUID()}`;
    await using stepping = await project({
      "images/app/Dockerfile": `FROM __hive__/base:1.0\n${endless}\n`,
    });
    const running = startHive(["build", "--progress=plain"], {
      cwd: stepping.path,
      env: onEngine(),
    });
    await running.prints(/\] has started\n/);
    running.kill("SIGINT");
    expect((await running.result).exitCode).toBe(130);
    expect(await engineImages()).toEqual(before);

    await using pushing = await project({ "images/app/Dockerfile": bigImage() });
    const push = await startUntilPushed(pushing);
    push.kill("SIGINT");
    expect((await push.result).exitCode).toBe(130);
    expect(await engineImages()).toEqual(before);
  }, 120_000);

  test("loses the names that a killed run left when hive builds there again", async () => {
    await using killed = await project({ "images/app/Dockerfile": bigImage() });
    const push = await startUntilPushed(killed);
    push.kill("SIGKILL");
    await push.result;
    expect(await namesOfRuns()).toHaveLength(1);

    await using next = await project();
    isOk(await runHive(["build"], { cwd: next.path, env: onEngine() }));
    // The engine may still hold on to what it was pushing.
    await waitUntil("the engine has what it had", 30_000, async () =>
      (await engineImages()).join() === before.join() ? true : undefined,
    );
  }, 120_000);

  test("writes inline caches, and to no other, which is told once", async () => {
    await using directory = await project({ "hive.yml": "cache: { type: local, path: cache }\n" });
    const result = await runHive(["build"], { cwd: directory.path, env: onEngine() });
    isOk(result);
    expect(result.stderr.match(/Nothing is written to the build cache/g)).toHaveLength(1);
    await using inline = await project({ "hive.yml": "cache: { type: inline }\n" });
    const quiet = await runHive(["build"], { cwd: inline.path, env: onEngine() });
    isOk(quiet);
    expect(quiet.stderr).not.toContain("build cache");
  }, 60_000);

  test("verify --rebuild tells images that differ in times alone from those that differ", async () => {
    await using directory = await project({
      "images/random/image.yml": 'tags: [{ name: "1" }]\nnetwork: none\n',
      "images/random/Dockerfile": "FROM __hive__/base:1.0\nRUN head -c 16 /dev/urandom > /random\n",
      "images/late/image.yml": 'tags: [{ name: "1" }]\nnetwork: none\n',
      // Files' times are in seconds, and the second build begins when this one has ended.
      "images/late/Dockerfile": "FROM __hive__/base:1.0\nRUN sleep 1; echo late > /late\n",
    });
    const result = await runHive(["verify", "--rebuild"], {
      cwd: directory.path,
      env: onEngine(),
    });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain("late:1 linux/amd64 same but for times\n");
    expect(result.stdout).toContain("random:1 linux/amd64 differs\n");
    expect(result.stdout).toContain("/random has other content");
    expect(result.stdout).toContain("old image store can't set the times");
    expect(await engineImages()).toEqual(before);
  }, 120_000);

  test("can't take images over the session, and says what to do", async () => {
    await using directory = await project();
    const result = await runHive(["build", "--handover=session"], {
      cwd: directory.path,
      env: onEngine(),
    });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("leave out --handover=session");
  }, 60_000);
});

test("an engine with the old store that does not reach us is told so before it builds, with what to do", async () => {
  await using dockerd = await startDockerd({ containerdStore: false, isolated: true });
  await using directory = await project();
  const options = { cwd: directory.path, env: onEngine(dockerd.host) };
  const result = await runHive(["build"], options);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("does not reach the registry inside hive");
  expect(result.stderr).toContain('"containerd-snapshotter": true');
  expect(result.stderr).toContain("hive dev buildkitd start");
  expect(result.stderr).not.toContain("busybox --install");
  // Tried all the same, the push fails; the engine says why.
  const forced = await runHive(["build", "--handover=registry"], options);
  expect(forced.exitCode).toBe(1);
  expect(forced.stderr).toContain("does not reach the registry inside hive");
}, 120_000);

test("an engine with the old store that is killed while it pushes is a daemon that is gone", async () => {
  await using stack = new AsyncDisposableStack();
  const dockerd = stack.use(await startDockerd({ containerdStore: false }));
  await using directory = await project({ "images/app/Dockerfile": bigImage() });
  const hive = await startUntilPushed(directory, dockerd.host);
  await stack.disposeAsync();
  const result = await hive.result;
  expect(result.stderr).not.toContain("Internal error");
  expect(result.exitCode).toBe(4);
}, 120_000);

function digests(result: HiveResult): Record<string, string | undefined> {
  return Object.fromEntries(
    builtTargets(result).map(({ reference, digest }) => [reference, digest]),
  );
}

/** Takes the engine some seconds to pack. */
function bigImage(): string {
  return `FROM __hive__/base:1.0\nRUN head -c 200000000 /dev/urandom > /big # ${crypto.randomUUID()}\n`;
}

/** A build whose app is in the engine, and is being pushed from there. */
async function startUntilPushed(
  { path: cwd }: ProjectDirectory,
  host = oldStore(),
): Promise<RunningHive> {
  const hive = startHive(["build", "--progress=plain"], { cwd, env: onEngine(host) });
  await waitUntil("the engine has the image", 90_000, async () =>
    (await namesOfRuns(host)).some((name) => name.includes("/app:")) ? true : undefined,
  );
  return hive;
}
