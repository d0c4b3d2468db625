import { describe, expect, test } from "bun:test";
import { buildkitImage } from "../support/buildkit-image.ts";
import { dockerClient } from "../support/docker-client.ts";
import { managedHome, type ManagedHome } from "../support/managed-home.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { runHive, startHive } from "../support/run-hive.ts";
import { statuses } from "./build-json.ts";

/** A tag that no registry has. */
const version = "v0.32.2-test.1";
const image = `docker.io/moby/buildkit:${version}`;
const start = ["dev", "buildkitd", "start", "--with=container", "--json"];
const status = ["dev", "buildkitd", "status", "--json"];
const stop = ["dev", "buildkitd", "stop"];

/** As Docker's client lists it. */
type Container = { readonly State: string; readonly Names: string };

/** The containers, running or not, of the user at home. */
async function containers(host: string, { directory }: ManagedHome): Promise<Container[]> {
  const filter = `--filter=label=hive.buildkitd=${directory}`;
  const lines = await dockerClient(host, ["ps", "--all", filter, "--format=json"]);
  return lines.split("\n").flatMap((line) => (line === "" ? [] : (JSON.parse(line) as Container)));
}

/** A user of the engine; the volume goes with them. */
async function containerHome(host: string): Promise<ManagedHome> {
  const home = await managedHome({ DOCKER_HOST: host });
  return {
    ...home,
    async [Symbol.asyncDispose]() {
      const all = await containers(host, home);
      await home[Symbol.asyncDispose]();
      for (const { Names: name } of all)
        await dockerClient(host, ["volume", "rm", "--force", name]);
    },
  };
}

function project(): ReturnType<typeof projectDirectory> {
  return projectDirectory({
    "hive.yml": `buildkit: { version: ${version} }\n`,
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0\nRUN echo ${crypto.randomUUID()}\n`,
  });
}

describe("hive dev buildkitd start --with=container", () => {
  test("runs a container, which builds, and its cache outlives it", async () => {
    const host = requireEnv("HIVE_TEST_DOCKER_HOST");
    await using _image = await buildkitImage(host, image);
    await using home = await containerHome(host);
    await using app = await project();
    const options = { cwd: app.path, env: home.env };

    const started = await runHive(start, options);
    expect([started.exitCode, started.stderr]).toEqual([0, expect.stringContaining("container")]);
    const description = JSON.parse(started.stdout) as Record<string, unknown>;
    // The engine is here: no need to go through it.
    const address = `unix://${home.directory}/run/container/buildkitd.sock`;
    expect(description).toMatchObject({ with: "container", engine: host, address });
    expect(await containers(host, home)).toMatchObject([{ State: "running" }]);
    expect((await runHive(status, options)).exitCode).toBe(0);
    const again = await runHive(start, options);
    expect([again.exitCode, JSON.parse(again.stdout)]).toEqual([0, description]);

    expect(statuses(await runHive(["build", "--json"], options))).toMatchObject({
      "app:1": "built",
    });
    const logs = await runHive(["dev", "buildkitd", "logs"], options);
    expect([logs.exitCode, logs.stdout]).toEqual([0, expect.stringContaining("running server on")]);

    expect((await runHive(stop, options)).exitCode).toBe(0);
    expect(await containers(host, home)).toEqual([]);
    expect((await runHive(status, options)).exitCode).toBe(1);
    expect((await runHive(start, options)).exitCode).toBe(0);
    expect(statuses(await runHive(["build", "--no-skip", "--json"], options))).toMatchObject({
      "app:1": "cached",
    });
  }, 180_000);

  test("understands what a killed start and a killed container leave", async () => {
    const host = requireEnv("HIVE_TEST_DOCKER_HOST");
    await using _image = await buildkitImage(host, image);
    await using home = await containerHome(host);
    await using app = await project();
    const options = { cwd: app.path, env: home.env };
    const killed = startHive(start, options);
    await killed.prints("Starting BuildKit");
    killed.kill("SIGKILL");
    await killed.result;
    const next = await runHive(start, options);
    expect([next.exitCode, next.stderr]).toEqual([0, expect.any(String)]);
    const [container] = await containers(host, home);
    await dockerClient(host, ["kill", container?.Names ?? ""]);
    expect((await runHive(status, options)).exitCode).toBe(1);
    expect((await runHive(start, options)).exitCode).toBe(0);
    expect(await containers(host, home)).toMatchObject([{ State: "running" }]);
    expect((await runHive(stop, options)).exitCode).toBe(0);
    expect(await containers(host, home)).toEqual([]);
  }, 180_000);

  test("is reached through its engine where that is elsewhere", async () => {
    const host = requireEnv("HIVE_TEST_DOCKER_HOST");
    await using _image = await buildkitImage(host, image);
    await using home = await containerHome(host);
    await using app = await project();
    // Another host's name is all that hive can tell it by here.
    const elsewhere = ["unshare", "--uts", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh"];
    const program = [...elsewhere, requireEnv("HIVE_BINARY")];
    const options = { cwd: app.path, env: home.env, program };
    const started = await runHive(start, options);
    expect([started.exitCode, JSON.parse(started.stdout)]).toMatchObject([
      0,
      { address: expect.stringMatching(/^docker-container:\/\/hive-buildkitd-[0-9a-f]{8}$/) },
    ]);
    expect(statuses(await runHive(["build", "--json"], options))).toMatchObject({
      "app:1": "built",
    });
    expect((await runHive(stop, options)).exitCode).toBe(0);
    expect(await containers(host, home)).toEqual([]);
  }, 180_000);

  test("an image that can't be pulled: the engine's words, and on to the next ways", async () => {
    const host = requireEnv("HIVE_TEST_DOCKER_HOST");
    await using home = await containerHome(host);
    await using app = await projectDirectory({
      "hive.yml": "buildkit: { version: v99.1.2-no.1 }\n",
    });
    const options = { cwd: app.path, env: home.env };
    const failed = await runHive(start, options);
    expect(failed.exitCode).toBe(4);
    expect(failed.stderr).toContain("Cannot pull docker.io/moby/buildkit:v99.1.2-no.1: ");
    expect(await containers(host, home)).toEqual([]);
    const any = ["dev", "buildkitd", "start", "--mirror=http://127.0.0.1:1"];
    const { exitCode, stderr } = await runHive(any, options);
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("No container: Cannot pull")]);
    expect(stderr).toContain("No downloaded release: Cannot download");
  }, 180_000);

  test("one that does not answer in time is removed", async () => {
    const host = requireEnv("HIVE_TEST_DOCKER_HOST");
    await using _image = await buildkitImage(host, image);
    await using home = await containerHome(host);
    await using app = await project();
    const options = { cwd: app.path, env: home.env };
    const result = await runHive([...start, "--timeout=1ms"], options);
    expect(result.exitCode).toBe(4);
    expect(result.stderr).toContain("BuildKit did not start: it does not answer within");
    expect(await containers(host, home)).toEqual([]);
  }, 60_000);
});
