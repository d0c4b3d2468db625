import { expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { buildGo } from "../support/build-go.ts";
import { startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { startSshAgent } from "../support/ssh-agent.ts";
import { statuses } from "./build-json.ts";

/** Image `app` with these settings; `steps` come after FROM the base of the project. */
function app(settings: string, steps: string): Promise<ProjectDirectory> {
  return projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n${settings}\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0\nENV TEST=${crypto.randomUUID()}\n${steps}\n`,
  });
}

const build = (
  { path }: ProjectDirectory,
  args: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<HiveResult> =>
  runHive(["build", "--progress=plain", "--json", ...args], { cwd: path, env });

test("ssh: a step signs with a key of the agent that SSH_AUTH_SOCK names, or of another one", async () => {
  await using agent = await startSshAgent();
  await using project = await app(
    "ssh: [default, other=/nowhere/agent.sock]",
    "COPY ssh-agent-probe /probe\nRUN --mount=type=ssh /probe",
  );
  const directory = `${project.path}/images/app`;
  await chmod(await buildGo("ssh-agent-probe", directory), 0o755);
  const built = await build(project, [], { SSH_AUTH_SOCK: agent.socket });
  expect(built.exitCode).toBe(0);
  for (const line of ["identities: 1", "removing refused: true", "signed: true"]) {
    expect(built.stderr).toContain(line);
  }
  await project.write(
    "images/app/Dockerfile",
    `FROM __hive__/base:1.0\nRUN --mount=type=ssh,id=other,required=true true # ${crypto.randomUUID()}\n`,
  );
  const dead = await build(project);
  expect(dead.exitCode).toBe(1);
  expect(dead.stderr).toContain('Cannot reach the ssh agent at "/nowhere/agent.sock": ENOENT');
}, 120_000);

test("ssh: without an agent the build says what to do", async () => {
  await using project = await app("ssh: [default]", "RUN --mount=type=ssh,required=true true");
  const { exitCode, stderr } = await build(project, [], { SSH_AUTH_SOCK: undefined });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('Cannot forward ssh agent "default": SSH_AUTH_SOCK is not set');
});

test("contexts: a directory of the project, and an image of it under another name", async () => {
  await using project = await projectDirectory({
    "shared/greeting": "hello from afar",
    "images/app/image.yml": `tags: [{ name: "1" }]
contexts: { common: ../../shared, tools: "__hive__/base:1.0" }
`,
    "images/app/Dockerfile": `FROM tools
COPY --from=common greeting /greeting
RUN cat /greeting # ${crypto.randomUUID()}
`,
  });
  const built = await build(project);
  expect(built.stderr).toContain("hello from afar");
  expect(statuses(built)).toMatchObject({ "app:1": "built" });
  // A changed file of a context is a changed image.
  await Bun.sleep(50);
  expect(statuses(await build(project))).toMatchObject({ "app:1": "unchanged" });
  await project.write("shared/greeting", "hello again");
  expect(statuses(await build(project))).toMatchObject({ "app:1": "built" });
}, 60_000);

test("target: the stage that is named is built, and no other", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\ntarget: wanted\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0 AS wanted
RUN echo ${crypto.randomUUID()}
FROM wanted
RUN exit 1
`,
  });
  expect(statuses(await build(project))).toMatchObject({ "app:1": "built" });
}, 60_000);

test("no_cache: the stages named run each time", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\nno_cache: [fetch]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0 AS fetch
RUN echo fetching; echo ${crypto.randomUUID()} > /fetched
FROM __hive__/base:1.0
RUN echo ${crypto.randomUUID()} > /made; echo making
COPY --from=fetch /fetched /
`,
  });
  const first = await build(project);
  expect(first.stderr).toMatch(/^\[app.*\] fetching$/m);
  expect(first.stderr).toMatch(/^\[app.*\] making$/m);
  const second = await build(project);
  expect(second.exitCode).toBe(0);
  expect(second.stderr).toMatch(/^\[app.*\] fetching$/m);
  expect(second.stderr).not.toMatch(/^\[app.*\] making$/m);
}, 60_000);

test("network: none and the host's, which the daemon must allow", async () => {
  const steps = "RUN echo networks: $(ls /sys/class/net)";
  await using none = await app("network: none", steps);
  expect((await build(none)).stderr).toMatch(/networks: lo$/m);

  await using host = await app("network: host", steps);
  const refused = await build(host);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("--allow-insecure-entitlement network.host");
  await using daemon = await startBuildkitd({
    config: 'insecure-entitlements = ["network.host"]\n',
  });
  expect((await build(host, ["--buildkit", daemon.address])).exitCode).toBe(0);
}, 120_000);

test("pull: the registry is asked for a base that the daemon has", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\npull: true\n`,
    "images/app/Dockerfile": "FROM 127.0.0.1:1/missing:1\nRUN true\n",
  });
  const { exitCode, stderr } = await build(project, ["app"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("127.0.0.1:1");
});
