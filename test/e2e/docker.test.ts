import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { startBuildkitContainer } from "../support/buildkit-container.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { type RunningHive, runHive, startHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

/** The engines of the tests make no network: steps have none, too. */
async function family(): Promise<ProjectDirectory> {
  return await projectDirectory({
    "images/base/Dockerfile": `FROM scratch
COPY busybox /bin/busybox
RUN --network=none ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin"]
`,
    "images/app/image.yml": 'tags: [{ name: "2.0" }]\n',
    "images/app/Dockerfile": `FROM __hive__/base:1.0
COPY word /word
RUN --network=none tr a-z A-Z < /word > /loud
`,
    "images/app/word": crypto.randomUUID(),
  });
}

const built = /^(built|cached)$/;

/** Both images are built there, and are in the store. */
async function expectBuilds(
  address: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await using project = await family();
  const options = { cwd: project.path, env: { BUILDKIT_HOST: undefined, ...env } };
  const result = await runHive(["build", "--json", "--buildkit", address], options);
  expect([result.exitCode, result.stderr]).toEqual([0, expect.any(String)]);
  expect(statuses(result)).toEqual({
    "base:1.0": expect.stringMatching(built),
    "app:2.0": "built",
  });
  const list = await runHive(["list"], options);
  expect(list.stdout).toMatch(/app:2\.0 +linux\/.*\n.*base:1\.0 +linux\//);
}

describe("docker://", () => {
  test.each(["HIVE_TEST_DOCKER_HOST", "HIVE_TEST_DOCKER_NATIVE_HOST"])(
    "builds in the engine of %s, found as docker finds it, and by its socket",
    async (variable) => {
      const host = requireEnv(variable);
      await expectBuilds("docker://", { DOCKER_HOST: host });
      await expectBuilds(host.replace("unix://", "docker://"), {
        DOCKER_HOST: "tcp://127.0.0.1:1",
      });
    },
  );

  test("builds in the engine of a context, and names those that there are", async () => {
    await using directory = await tempDirectory();
    const DOCKER_CONFIG = directory.path;
    const id = createHash("sha256").update("near").digest("hex");
    const endpoint = { Host: requireEnv("HIVE_TEST_DOCKER_HOST") };
    await Bun.write(
      join(DOCKER_CONFIG, "contexts/meta", id, "meta.json"),
      JSON.stringify({ Name: "near", Endpoints: { docker: endpoint } }),
    );
    await expectBuilds("docker://near", { DOCKER_CONFIG });
    await using project = await family();
    const result = await runHive(["build", "--buildkit", "docker://neer"], {
      cwd: project.path,
      env: { DOCKER_CONFIG },
    });
    expect([result.exitCode, result.stderr]).toEqual([
      2,
      expect.stringContaining('Docker has no context "neer"'),
    ]);
    expect(result.stderr).toContain('Did you mean "near"?');
  });

  test("says that Podman has no BuildKit, and that nobody is there", async () => {
    await using project = await family();
    const ask = async (DOCKER_HOST: string): Promise<string> => {
      const options = { cwd: project.path, env: { DOCKER_HOST } };
      const { exitCode, stderr } = await runHive(["build", "--buildkit", "docker://"], options);
      return `${exitCode} ${stderr}`;
    };
    expect(await ask(requireEnv("HIVE_TEST_PODMAN_HOST"))).toMatch(
      /^4 error: .*Podman listens at unix:[^\n]*\nhint: [\s\S]*podman-container:/,
    );
    expect(await ask("unix:///nowhere/docker.sock")).toMatch(
      /^4 error: .*unix:\/\/\/nowhere\/docker\.sock: no such socket/,
    );
  });
});

describe.each([
  { kind: "docker", variable: "HIVE_TEST_DOCKER_HOST", setting: "DOCKER_HOST" },
  { kind: "podman", variable: "HIVE_TEST_PODMAN_HOST", setting: "CONTAINER_HOST" },
])("$kind-container://", ({ kind, variable, setting }) => {
  test("builds in a container, and leaves no process there", async () => {
    const host = requireEnv(variable);
    await using container = await startBuildkitContainer(host);
    await expectBuilds(`${kind}-container://${container.name}`, { [setting]: host });
    await noDialStdio(container);
  }, 90_000);

  test("leaves no process there when it is killed in the middle of a build", async () => {
    const host = requireEnv(variable);
    await using container = await startBuildkitContainer(host);
    await using project = await endless();
    const hive = await midway(project, `${kind}-container://${container.name}`, {
      [setting]: host,
    });
    expect(await container.processes()).toContain("buildctl dial-stdio");
    hive.kill("SIGKILL");
    await hive.result;
    await noDialStdio(container);
  }, 90_000);

  test("ends with a reason when the container is killed in the middle of a build", async () => {
    const host = requireEnv(variable);
    await using container = await startBuildkitContainer(host);
    await using project = await endless();
    const hive = await midway(project, `${kind}-container://${container.name}`, {
      [setting]: host,
    });
    await container.docker("kill");
    const { exitCode, stderr } = await hive.result;
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("was lost")]);
  }, 90_000);

  test("says what is wrong with a container, and what to do", async () => {
    const host = requireEnv(variable);
    await using project = await family();
    const ask = async (name: string): Promise<string> => {
      const { exitCode, stderr } = await runHive(
        ["build", "--buildkit", `${kind}-container://${name}`],
        { cwd: project.path, env: { [setting]: host } },
      );
      return `${exitCode} ${stderr}`;
    };
    await using buildkit = await startBuildkitContainer(host);
    expect(await ask(buildkit.name.slice(0, -2))).toMatch(/^4 .*there is no container "/);
    expect(await ask(buildkit.name.slice(0, -2))).toContain(`Did you mean "${buildkit.name}"?`);
    await buildkit.docker("pause");
    expect(await ask(buildkit.name)).toContain(`Let it go on: ${kind} unpause ${buildkit.name}`);
    await buildkit.docker("unpause");
    await buildkit.docker("kill");
    expect(await ask(buildkit.name)).toContain(`Start it: ${kind} start ${buildkit.name}`);

    await using unstarted = await startBuildkitContainer(host, { started: false });
    expect(await ask(unstarted.name)).toMatch(/^4 .*does not run\n/);
    const command = ["sleep", "1000"];
    await using without = await startBuildkitContainer(host, { command, buildkit: false });
    expect(await ask(without.name)).toMatch(/^4 .*"buildctl": executable file not found/);
    expect(await ask(without.name)).toContain("has to have buildctl on its PATH");
    await using silent = await startBuildkitContainer(host, { command });
    expect(await ask(silent.name)).toMatch(/^4 .*buildkitd\.sock: .*no such file/);
    expect(await ask(silent.name)).toContain(`${kind} logs ${silent.name}`);
  }, 90_000);
});

/** A step that doesn't end by itself. */
async function endless(): Promise<ProjectDirectory> {
  const project = await family();
  await project.write(
    "images/app/Dockerfile",
    `FROM __hive__/base:1.0\nRUN --network=none echo it runs && echo ${crypto.randomUUID()} && sleep 1000\n`,
  );
  return project;
}

/** A build that stands in the middle of a step. */
async function midway(
  { path: cwd }: ProjectDirectory,
  address: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningHive> {
  const hive = startHive(["build", "app", "--buildkit", address], { cwd, env });
  await hive.prints("it runs");
  return hive;
}

async function noDialStdio(container: { processes(): Promise<string[]> }): Promise<void> {
  await waitUntil("no buildctl dial-stdio is left in the container", 20_000, async () => {
    const left = (await container.processes()).filter((command) => command.includes("dial-stdio"));
    return left.length === 0 ? true : undefined;
  });
}
