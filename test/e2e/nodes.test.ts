import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, runHive, startHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { builtTargets, statuses } from "./build-json.ts";

const foreign = requireEnv("HIVE_TEST_FOREIGN_PLATFORM");
const own = foreign === "linux/arm64" ? "linux/amd64" : "linux/arm64";

/** Nobody but hive.yml says where to build. */
const env = { BUILDKIT_HOST: "" };

type NodeOfYaml = { address: string; platforms?: readonly string[]; max_parallel?: number };

function hiveYaml(nodes: readonly NodeOfYaml[], more = ""): string {
  return `buildkit:\n  nodes:\n${nodes.map((node) => `    - ${JSON.stringify(node)}\n`).join("")}${more}`;
}

/** `{ "base:1.0 linux/amd64": "unix:///..." }` */
function nodesOf(result: HiveResult): Record<string, string | undefined> {
  return Object.fromEntries(
    builtTargets(result).map(({ reference, platform, node }) => [`${reference} ${platform}`, node]),
  );
}

type BuildEvent = {
  readonly type: string;
  readonly target?: string;
  readonly node?: string;
  readonly reason?: string;
};

/** What `--progress=rawjson` told. */
function eventsOf({ stderr }: HiveResult): BuildEvent[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as BuildEvent);
}

/** A step that says that it runs, for so many seconds; never cached. */
function slowStep(seconds: number): string {
  return `FROM __hive__/base:1.0\nRUN echo step ${crypto.randomUUID()} runs; sleep ${seconds}\n`;
}

const stepRuns = /step [-0-9a-f]+ runs"|step [-0-9a-f]+ runs\n|step [-0-9a-f]+ runs\\n/;

describe("two nodes for different platforms", () => {
  test.each([
    ["reach hive", false],
    ["can't all reach hive", true],
  ])(
    "that %s build each its own, and hand images over to each other",
    async (_, isolated) => {
      await using first = await startBuildkitd();
      await using second = await startBuildkitd({ isolated });
      await using project = await projectDirectory({
        "hive.yml": hiveYaml(
          [
            { address: first.address, platforms: [own] },
            { address: second.address, platforms: [foreign] },
          ],
          `platforms: [${own}, ${foreign}]\n`,
        ),
        "images/base/image.yml": `tags: [{ name: "1.0", platforms: [${own}] }]\n`,
        "images/data/image.yml": `tags: [{ name: "1" }]\n`,
        "images/data/Dockerfile": `FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY data /\n`,
        "images/data/data": `${crypto.randomUUID()}\n`,
        // Its parent for one platform is on one node, that for the other on the other.
        "images/app/image.yml": `tags: [{ name: "1" }]\n`,
        "images/app/Dockerfile": `FROM __hive__/data:1\nCOPY --from=__hive__/data:1 /data /again\n`,
        // Built on the second node on what the first one built.
        "images/mixed/image.yml": `tags: [{ name: "1", platforms: [${foreign}] }]\n`,
        "images/mixed/Dockerfile": `FROM --platform=${own} __hive__/tool:1 AS tool\nFROM __hive__/app:1\nCOPY --from=tool /bin/busybox /tool\n`,
        "images/tool/image.yml": `tags: [{ name: "1", platforms: [${own}] }]\n`,
        "images/tool/Dockerfile": "FROM __hive__/base:1.0\nRUN echo tool\n",
      });
      const result = await runHive(["build", "--json", "--progress=plain"], {
        cwd: project.path,
        env,
      });
      expect([result.exitCode, nodesOf(result)]).toEqual([
        0,
        {
          [`base:1.0 ${own}`]: first.address,
          [`tool:1 ${own}`]: first.address,
          [`data:1 ${own}`]: first.address,
          [`app:1 ${own}`]: first.address,
          [`data:1 ${foreign}`]: second.address,
          [`app:1 ${foreign}`]: second.address,
          [`mixed:1 ${foreign}`]: second.address,
        },
      ]);
      const { nodes } = JSON.parse(result.stdout) as { nodes: { address: string }[] };
      expect(nodes.map(({ address }) => address)).toEqual([first.address, second.address]);
      expect(result.stderr).toContain(`[mixed:1 ${foreign}] on ${second.address}\n`);
      // Once, for all of them.
      expect(result.stderr.split("hive.yml says to build on")).toHaveLength(2);

      const again = await runHive(["build", "--json"], { cwd: project.path, env });
      expect(new Set(builtTargets(again).map(({ status }) => status))).toEqual(
        new Set(["unchanged"]),
      );
    },
    120_000,
  );

  test("one of which can't be reached: a warning if the other is enough, else an error with its place", async () => {
    await using daemon = await startBuildkitd();
    await using project = await projectDirectory({
      "hive.yml": hiveYaml([
        { address: daemon.address, platforms: [own] },
        { address: "tcp://127.0.0.1:1", platforms: [foreign] },
      ]),
      "images/data/image.yml": `tags: [{ name: "1", platforms: [${own}, ${foreign}] }]\n`,
      "images/data/Dockerfile": `FROM scratch\nCOPY data /\n`,
      "images/data/data": `${crypto.randomUUID()}\n`,
    });
    const options = { cwd: project.path, env };
    const all = await runHive(["build"], options);
    expect([all.exitCode, all.stderr]).toEqual([4, expect.stringContaining("hive.yml:4")]);
    expect(all.stderr).toContain(`Cannot build for ${foreign}`);
    expect(all.stderr).toContain("tcp://127.0.0.1:1: nobody listens there");
    const enough = await runHive(["build", `--platform=${own}`], options);
    expect(enough.exitCode).toBe(0);
    expect(enough.stderr).toMatch(/warning: .*tcp:\/\/127\.0\.0\.1:1.*\(hive\.yml:4\)/);
  }, 60_000);

  test("the first of which says for what is built where the project does not", async () => {
    const daemon = requireEnv("BUILDKIT_HOST");
    const missing = { address: "tcp://127.0.0.1:1" };
    await using project = await projectDirectory({
      "hive.yml": hiveYaml([
        { ...missing, platforms: [own] },
        { address: daemon, platforms: [foreign, own] },
      ]),
      "images/data/image.yml": `tags: [{ name: "1" }]\n`,
      "images/data/Dockerfile": "FROM scratch\nCOPY image.yml /\n",
    });
    const build = async (): Promise<HiveResult> =>
      await runHive(["build", "data", "--json"], { cwd: project.path, env });
    const platforms = (result: HiveResult): string[] =>
      builtTargets(result).map(({ platform }) => platform);
    // Also while it is away.
    const listed = await build();
    expect([platforms(listed), listed.stderr]).toEqual([
      [own],
      expect.not.stringContaining("lists no platform"),
    ]);
    await project.write("hive.yml", hiveYaml([missing, { address: daemon, platforms: [foreign] }]));
    const guessed = await build();
    expect([platforms(guessed), guessed.stderr]).toEqual([
      [foreign],
      expect.stringContaining(`for ${foreign} where the project lists no platform`),
    ]);
    await project.write("hive.yml", hiveYaml([{ address: daemon, platforms: [foreign, own] }]));
    expect(platforms(await build())).toEqual([foreign]);
  }, 60_000);

  test("none of which is for a platform of the project: an error before anything is built", async () => {
    await using project = await projectDirectory({
      "hive.yml": hiveYaml([{ address: requireEnv("BUILDKIT_HOST"), platforms: [foreign] }]),
      "images/data/image.yml": `tags: [{ name: "1", platforms: [${own}] }]\n`,
      "images/data/Dockerfile": "FROM scratch\n",
    });
    const { exitCode, stderr } = await runHive(["build", "data"], { cwd: project.path, env });
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining(`Cannot build for ${own}: no node in hive.yml is for it`),
    ]);
  });
});

describe("a node that is killed while it builds", () => {
  test("leaves its targets to the other", async () => {
    await using first = await startBuildkitd();
    await using second = await startBuildkitd();
    await using project = await projectDirectory({
      "hive.yml": hiveYaml([{ address: first.address }, { address: second.address }]),
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": slowStep(4),
      "images/top/image.yml": `tags: [{ name: "1" }]\n`,
      "images/top/Dockerfile": "FROM __hive__/app:1\nRUN echo top\n",
    });
    const hive = startHive(["build", "--json", "--progress=rawjson"], { cwd: project.path, env });
    await hive.prints(stepRuns);
    const { address, other } = whoBuilds(hive.stderr(), "app:1", [first, second]);
    await (address === first.address ? first : second).kill("SIGKILL");
    const result = await hive.result;
    expect([result.exitCode, statuses(result)]).toMatchObject([
      0,
      { "app:1": "built", "top:1": "built" },
    ]);
    const events = eventsOf(result).filter(({ target }) => target?.startsWith("app:1"));
    const begun = events.filter(({ type }) => type === "target.start").map(({ node }) => node);
    expect(begun).toEqual([address, other]);
    expect(events.filter(({ type }) => type === "target.retry")).toMatchObject([
      { node: address, reason: expect.stringContaining("lost") },
    ]);
    expect(nodesOf(result)[`top:1 ${own}`]).toBe(other);
  }, 120_000);
});

// One that is asked to stop finishes what it builds, and takes nothing new.
test.each([
  ["SIGTERM", []],
  ["SIGKILL", [expect.stringMatching(/^The connection to BuildKit was lost/)]],
] as const)(
  "the only daemon that is restarted by %s while it builds: the build goes on",
  async (kind, reasons) => {
    await using directory = await tempDirectory();
    const options = { directory: join(directory.path, "daemon") };
    const daemon = await startBuildkitd(options);
    await using project = await slowProject(3);
    await project.write("images/top/image.yml", `tags: [{ name: "1" }]\n`);
    await project.write("images/top/Dockerfile", "FROM __hive__/app:1\nRUN echo top\n");
    const hive = startHive(["build", "--json", "--progress=rawjson"], {
      cwd: project.path,
      env: { BUILDKIT_HOST: daemon.address },
    });
    await hive.prints(stepRuns);
    await daemon.kill(kind);
    await using _next = await startBuildkitd(options);
    const result = await hive.result;
    expect([result.exitCode, statuses(result)]).toMatchObject([
      0,
      { "app:1": "built", "top:1": "built" },
    ]);
    const retries = eventsOf(result).filter(
      ({ type, target }) => type === "target.retry" && target?.startsWith("app:1") === true,
    );
    expect(retries.map(({ reason }) => reason)).toEqual([...reasons]);
    // The steps of a lost build are none of the result's.
    const { slowest } = JSON.parse(result.stdout) as { slowest: { step: string }[] };
    expect(slowest.filter(({ step }) => step.includes("sleep"))).toHaveLength(1);
  },
  120_000,
);

test("a step that kills its daemon each time is not tried for ever", async () => {
  await using directory = await tempDirectory();
  const options = { directory: join(directory.path, "daemon") };
  await using project = await slowProject(60);
  let daemon = await startBuildkitd(options);
  const hive = startHive(["build", "--progress=rawjson"], {
    cwd: project.path,
    env: { BUILDKIT_HOST: daemon.address },
  });
  const runs = (): number => hive.stderr().split(/runs\\n/).length - 1;
  for (const times of [1, 2, 3]) {
    await waitUntil(`it runs for the ${times}. time`, 30_000, () => runs() >= times || undefined);
    await daemon.kill("SIGKILL");
    daemon = await startBuildkitd(options);
  }
  const result = await hive.result;
  await daemon[Symbol.asyncDispose]();
  expect(result.exitCode).toBe(4);
  expect(eventsOf(result).filter(({ type }) => type === "target.retry")).toHaveLength(2);
}, 120_000);

test("Ctrl-C ends the wait for a daemon that went away at once", async () => {
  const daemon = await startBuildkitd();
  await using project = await slowProject(60);
  const hive = startHive(["build", "--progress=plain"], {
    cwd: project.path,
    env: { BUILDKIT_HOST: daemon.address },
  });
  await hive.prints(stepRuns);
  await daemon.kill("SIGKILL");
  await hive.prints("built again");
  const asked = performance.now();
  hive.kill("SIGINT");
  expect((await hive.result).exitCode).toBe(130);
  expect(performance.now() - asked).toBeLessThan(2_000);
}, 60_000);

test("nodes of which none is there are told with what to do instead", async () => {
  const nowhere = hiveYaml([{ address: "tcp://127.0.0.1:1" }, { address: "unix:///no.sock" }]);
  await using gone = await projectDirectory({ "hive.yml": nowhere });
  const { exitCode, stderr } = await runHive(["build"], { cwd: gone.path, env });
  expect(exitCode).toBe(4);
  // Nothing that would be started beside the nodes is used without being named.
  expect(stderr).toContain("--buildkit=managed");
  expect(stderr).not.toContain("docker run");
});

test("max_parallel: 1 builds one target at a time on that node", async () => {
  const names = ["one", "two", "three"];
  const files = Object.fromEntries(
    names.flatMap((name) => [
      [`images/${name}/image.yml`, `tags: [{ name: "1" }]\n`],
      [`images/${name}/Dockerfile`, slowStep(0.2)],
    ]),
  );
  await using project = await projectDirectory({
    ...files,
    "hive.yml": hiveYaml([{ address: requireEnv("BUILDKIT_HOST"), max_parallel: 1 }]),
  });
  const result = await runHive(["build", "--progress=rawjson"], { cwd: project.path, env });
  expect(result.exitCode).toBe(0);
  // Only one step of theirs runs at any time.
  let running = 0;
  let most = 0;
  let steps = 0;
  const slow = new Set<string>();
  for (const event of eventsOf(result) as (BuildEvent & { step?: string; name?: string })[]) {
    const step = event.step ?? "";
    if (event.type === "step.start" && event.name?.includes("] RUN echo step") === true) {
      if (!slow.has(step)) running += 1;
      slow.add(step);
    }
    if (event.type === "target.done" && names.some((name) => event.target?.startsWith(name))) {
      running -= 1;
      steps += 1;
    }
    most = Math.max(most, running);
  }
  expect([steps, most]).toEqual([3, 1]);
}, 60_000);

test("a project that says where to build is told of, unless its user says so, and nodes win over an address", async () => {
  const daemon = requireEnv("BUILDKIT_HOST");
  await using project = await projectDirectory({
    "hive.yml": `buildkit:\n  address: ${JSON.stringify(daemon)}\n`,
  });
  const said = `hive.yml says to build on ${daemon}: `;
  const build = async (...flags: string[]): Promise<HiveResult> =>
    await runHive(["build", ...flags], { cwd: project.path, env });
  const plain = await build();
  expect([plain.exitCode, plain.stderr.split(said).length]).toEqual([0, 2]);
  const told = await build(`--buildkit=${daemon}`);
  expect([told.exitCode, told.stderr]).toEqual([0, expect.not.stringContaining("hive.yml")]);
  const silent = await build("--log-level=warn");
  expect([silent.exitCode, silent.stderr]).toEqual([0, expect.not.stringContaining("hive.yml")]);
  await project.write(
    "hive.yml",
    hiveYaml([{ address: daemon }], "  address: tcp://127.0.0.1:1\n"),
  );
  const both = await build();
  expect([both.exitCode, both.stderr]).toEqual([0, expect.stringContaining(said)]);
}, 60_000);

function slowProject(seconds: number): Promise<ProjectDirectory> {
  return projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": slowStep(seconds),
  });
}

/** Which daemon a target is being built on, and which not. */
function whoBuilds(
  stderr: string,
  reference: string,
  daemons: readonly Buildkitd[],
): { readonly address: string; readonly other: string } {
  const begun = eventsOf({ stderr } as HiveResult).find(
    ({ type, target }) => type === "target.start" && target?.startsWith(reference) === true,
  );
  const address = begun?.node ?? "";
  const other = daemons.find((daemon) => daemon.address !== address)?.address ?? "";
  return { address, other };
}
