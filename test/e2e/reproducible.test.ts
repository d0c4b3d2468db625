import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, copyFile, lutimes, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { gitEnvironment, type GitRepository, gitRepository } from "../support/git-repository.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { builtTargets } from "./build-json.ts";

const firstTime = 1_700_000_000;
const lastTime = 1_710_000_000;

const files = {
  "hive.yml": "labels: { vendor: Us, documentation: 'https://example.com/%image%/%tag%' }\n",
  "images/base/image.yml": "description: The base\ntags: [{ name: '1.0' }]\n",
  "images/base/Dockerfile": `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin"]
`,
  // Times and modes of the context, of what steps make, of directories that WORKDIR and COPY make, inside archives.
  "images/app/image.yml": "tags: [{ name: '2.0' }]\n",
  "images/app/Dockerfile": `FROM __hive__/base:1.0
WORKDIR /new/work
COPY data /deep/er/data
COPY rootfs/ /
ARG SOURCE_DATE_EPOCH
RUN echo "$SOURCE_DATE_EPOCH" > /epoch && mkdir -p /made/by/run && date +%s > /dev/null
RUN tar cf /data.tar -C /deep/er/data one two run.sh
RUN rm /epoch && echo x > /made/other
`,
  "images/app/data/one": "1",
  "images/app/data/run.sh": "#!/bin/sh\n",
  "images/app/data/link": "-> one",
  "images/app/rootfs/etc/app.conf": "a=b\n",
  "images/top/image.yml": "tags: [{ name: '3.0' }]\n",
  "images/top/Dockerfile":
    "FROM __hive__/app:2.0\nCOPY --from=__hive__/base:1.0 /bin/busybox /other\n",
};

let origin: GitRepository;
let daemons: readonly [Buildkitd, Buildkitd];

beforeAll(async () => {
  origin = await gitRepository();
  await mkdir(join(origin.path, "images/base"), { recursive: true });
  await copyFile(requireEnv("HIVE_TEST_BUSYBOX"), join(origin.path, "images/base/busybox"));
  await chmod(join(origin.path, "images/base/busybox"), 0o755);
  await origin.commit(firstTime, files);
  await origin.commit(lastTime, { "images/app/data/two": "2" });
  daemons = await Promise.all([startBuildkitd(), startBuildkitd()]);
}, 60_000);

afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon[Symbol.asyncDispose]()));
  await origin[Symbol.asyncDispose]();
});

/** A clone in which all that git does not keep is something else. */
async function cloneWith(times: Date | undefined, modes: number): Promise<GitRepository> {
  const clone = await gitRepository({ create: ["clone", "-q", origin.path] });
  for (const entry of await readdir(clone.path, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path.includes("/.git")) continue;
    if (entry.isDirectory()) await chmod(path, 0o755 | modes);
    else if (entry.isFile() && !/busybox|\.sh$/.test(path)) await chmod(path, 0o644 | modes);
    if (times !== undefined) await lutimes(path, times, times);
  }
  return clone;
}

async function digestsOf(
  { path }: GitRepository,
  { address }: Buildkitd,
): Promise<Record<string, string | undefined>> {
  const env = { ...gitEnvironment, PATH: process.env["PATH"], SOURCE_DATE_EPOCH: undefined };
  const result = await runHive(["build", "--json", "--no-skip", "--buildkit", address], {
    cwd: path,
    env,
  });
  return Object.fromEntries(
    builtTargets(result).map(({ reference, digest }) => [reference, digest]),
  );
}

test("two clones give the same digests on two fresh daemons, dependents included", async () => {
  await using one = await cloneWith(undefined, 0);
  // Checked out long before the last commit, by somebody whose group may write.
  await using other = await cloneWith(new Date("2020-02-02T02:02:02.5Z"), 0o020);
  const digests = await Promise.all([digestsOf(one, daemons[0]), digestsOf(other, daemons[1])]);
  expect(Object.keys(digests[0])).toEqual(["base:1.0", "app:2.0", "top:3.0"]);
  expect(digests[0]).toEqual(digests[1]);
}, 120_000);

test("an image has the commit and the time of what went into it, another commit changes nothing", async () => {
  await using clone = await cloneWith(undefined, 0);
  const before = await digestsOf(clone, daemons[0]);
  const inspect = async (reference: string) => {
    const layout = `oci:${join(clone.path, ".hive")}:${reference}`;
    const child = Bun.spawn(["skopeo", "inspect", "--config", layout], { stdout: "pipe" });
    return (await child.stdout.json()) as {
      created: string;
      config: { Labels: Record<string, string> };
      history: { created: string }[];
    };
  };
  const base = await inspect("base:1.0");
  expect(base.created).toBe("2023-11-14T22:13:20Z");
  expect(new Set(base.history.map(({ created }) => created))).toEqual(new Set([base.created]));
  const name = "org.opencontainers.image";
  expect(base.config.Labels).toEqual({
    [`${name}.title`]: "base",
    [`${name}.ref.name`]: "base:1.0",
    [`${name}.version`]: "1.0",
    [`${name}.created`]: "2023-11-14T22:13:20Z",
    [`${name}.description`]: "The base",
    [`${name}.vendor`]: "Us",
    [`${name}.documentation`]: "https://example.com/base/1.0",
    [`${name}.revision`]: await clone.git("rev-parse", "HEAD~1"),
  });
  const head = await clone.git("rev-parse", "HEAD");
  for (const reference of ["app:2.0", "top:3.0"]) {
    const { config, created } = await inspect(reference);
    expect(created).toBe("2024-03-09T16:00:00Z");
    expect(config.Labels[`${name}.revision`]).toBe(head);
  }

  await clone.commit(lastTime + 1, { "README.md": "Nothing of an image's." });
  expect(await digestsOf(clone, daemons[0])).toEqual(before);
  await clone.commit(lastTime + 2, { "images/app/data/one": "3" });
  const after = await digestsOf(clone, daemons[0]);
  expect(after["base:1.0"]).toBe(before["base:1.0"] ?? "");
  expect(after["top:3.0"]).not.toBe(before["top:3.0"] ?? "");
}, 120_000);

test("the daemon sees a change that puts size and modification time back", async () => {
  await using clone = await cloneWith(undefined, 0);
  const path = join(clone.path, "images/app/data/one");
  const time = new Date("2024-01-01");
  await lutimes(path, time, time);
  const before = await digestsOf(clone, daemons[0]);
  await Bun.write(path, "9");
  await lutimes(path, time, time);
  expect((await digestsOf(clone, daemons[0]))["app:2.0"]).not.toBe(before["app:2.0"] ?? "");
}, 120_000);

test("a step from before the last commit keeps its times, which verify --rebuild explains", async () => {
  await using clone = await cloneWith(undefined, 0);
  await clone.commit(lastTime + 10, {
    "images/base/Dockerfile": `${files["images/base/Dockerfile"]}RUN echo ${crypto.randomUUID()} > /new\n`,
  });
  await digestsOf(clone, daemons[0]);
  // The steps ran before this commit, and are not run again for it.
  const now = Math.floor(Date.now() / 1000) + 1;
  await clone.commit(now, { "images/base/README.md": "New." });
  await Bun.sleep(2000);
  const [warm, fresh] = [await digestsOf(clone, daemons[0]), await digestsOf(clone, daemons[1])];
  expect(warm["base:1.0"]).not.toBe(fresh["base:1.0"] ?? "");
  const env = { ...gitEnvironment, PATH: process.env["PATH"], SOURCE_DATE_EPOCH: undefined };
  const verify = (): Promise<HiveResult> =>
    runHive(["verify", "--rebuild", "base", "--buildkit", daemons[0].address], {
      cwd: clone.path,
      env,
    });
  await digestsOf(clone, daemons[0]);
  const told = await verify();
  expect(told.exitCode).toBe(1);
  expect(told.stdout).toMatch(
    /its time was \S+, is \S+\n[^]*hive build --no-cache base:1\.0 makes it anew/,
  );
  const args = ["build", "base", "--no-cache", "--buildkit", daemons[0].address];
  expect(await runHive(args, { cwd: clone.path, env })).toMatchObject({ exitCode: 0 });
  expect(await verify()).toMatchObject({ exitCode: 0 });
}, 120_000);
