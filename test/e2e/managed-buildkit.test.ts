import { describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultVersion } from "../../src/daemon/release/release.ts";
import { ownerOf } from "../../src/oci/run-owner.ts";
import { run as runCommand } from "../support/run.ts";
import { managedHome, processesWith } from "../support/managed-home.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive, startHive } from "../support/run-hive.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

const goArch = process.arch === "x64" ? "amd64" : process.arch;
const start = ["dev", "buildkitd", "start", "--with=path"];
const status = ["dev", "buildkitd", "status", "--json"];
const stop = ["dev", "buildkitd", "stop"];

/** An app whose step says "started" and runs for `seconds`; another one for each project. */
function project(seconds = 0): ReturnType<typeof projectDirectory> {
  const run = `echo run ${crypto.randomUUID()} has started; sleep ${seconds}`;
  return projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0\nRUN ${run}\n`,
  });
}

const hasStarted = /run [-0-9a-f]+ has started\n/;

/** What runs with the configuration that hive wrote, below a directory: unshare and buildkitd. */
async function daemons(directory: string): Promise<readonly number[]> {
  return await processesWith(join(directory, "buildkitd.toml"));
}

async function mountsBelow(directory: string): Promise<readonly string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text.split("\n").filter((line) => line.includes(directory));
}

describe("hive dev buildkitd", () => {
  test("runs, ends and builds on nothing that another user put into the cache directory", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    const release = join(directory, "releases", `${defaultVersion}-linux-${goArch}`);
    const ran = join(directory, "../ran");
    await mkdir(release, { recursive: true });
    for (const name of ["buildkitd", "buildctl", "buildkit-runc"]) {
      await writeFile(join(release, name), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    }
    const victim = Bun.spawn(["sleep", "60"]);
    const runs = { kind: "process", owner: ownerOf(victim.pid), rootless: true };
    const state = {
      way: "path",
      address: "unix:///nowhere/evil.sock",
      version: "v1.0.0",
      started: "2026-01-01T00:00:00Z",
      runs,
    };
    await writeFile(join(directory, "buildkitd.json"), JSON.stringify(state));
    await runCommand(["chown", "-R", "65534:65534", directory]);

    const told = await runHive(status, { env });
    expect([told.exitCode, JSON.parse(told.stdout)]).toEqual([1, { running: false }]);
    for (const args of [["dev", "buildkitd", "start", "--with=download"], stop]) {
      const result = await runHive(args, { env });
      expect([result.exitCode, result.stderr]).toEqual([
        2,
        expect.stringContaining(`"${directory}": it is another user's`),
      ]);
    }
    await using app = await project();
    const built = await runHive(["build"], { cwd: app.path, env });
    expect(built.stderr).not.toContain("/nowhere/evil.sock");
    expect([existsSync(ran), victim.exitCode]).toEqual([false, null]);
    victim.kill();
    await victim.exited;
  }, 60_000);

  test("starts buildkitd of PATH, builds find it by themselves, and its cache outlives it", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using app = await project();
    const built = { cwd: app.path, env };

    const before = await runHive(status, { env });
    expect([before.exitCode, JSON.parse(before.stdout)]).toEqual([1, { running: false }]);

    const socket = join(directory, "run/buildkitd.sock");
    const started = await runHive(start, { env });
    expect([started.exitCode, started.stdout]).toEqual([0, `unix://${socket}\n`]);
    expect(started.stderr).toContain("`hive dev buildkitd stop` ends it");
    const again = await runHive(start, { env });
    expect([again.exitCode, again.stdout]).toEqual([0, started.stdout]);
    expect(again.stderr).toContain("running already");
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(socket).mode & 0o007).toBe(0);

    const running = await runHive(status, { env });
    expect([running.exitCode, JSON.parse(running.stdout)]).toMatchObject([
      0,
      { running: true, answers: true, with: "path", temporary: false, rootless: false },
    ]);
    const common = "running address version with started temporary rootless pid cache log";
    expect(Object.keys(JSON.parse(running.stdout) as object)).toEqual([
      ...common.split(" "),
      "answers",
      "cacheBytes",
    ]);

    const first = await runHive(["build", "--progress=plain"], built);
    expect([first.exitCode, first.stderr]).toEqual([0, expect.stringMatching(hasStarted)]);
    const logs = await runHive(["dev", "buildkitd", "logs", "--tail=1000"], { env });
    expect(logs.stdout).toContain(`running server on ${socket}`);
    expect((await runHive(["dev", "buildkitd", "logs", "-n", "1"], { env })).stdout).toMatch(
      /^[^\n]+\n$/,
    );

    const filled = JSON.parse((await runHive(status, { env })).stdout) as { cacheBytes: number };
    expect(filled.cacheBytes).toBeGreaterThan(1_000_000);
    const used = await runHive(["dev", "du", "--buildkit=managed"], { env });
    expect([used.exitCode, used.stdout]).toEqual([0, expect.stringContaining("regular")]);

    expect((await runHive(stop, { env })).exitCode).toBe(0);
    expect(await daemons(directory)).toEqual([]);
    expect(await mountsBelow(directory)).toEqual([]);
    expect((await runHive(status, { env })).exitCode).toBe(1);
    const none = await runHive(["dev", "du", "--buildkit=managed"], { env });
    expect([none.exitCode, none.stderr]).toEqual([4, expect.stringContaining("buildkitd start")]);
    const stopped = await runHive(stop, { env });
    expect([stopped.exitCode, stopped.stderr]).toEqual([0, expect.stringContaining("No BuildKit")]);

    expect((await runHive(start, { env })).exitCode).toBe(0);
    const cached = await runHive(["build", "--no-skip", "--progress=plain"], built);
    expect(cached.exitCode).toBe(0);
    expect(cached.stderr).not.toMatch(hasStarted);
  }, 120_000);

  test("stops a build's step with it, and follows the log until Ctrl-C", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using app = await project(600);
    expect((await runHive(start, { env })).exitCode).toBe(0);
    const log = startHive(["dev", "buildkitd", "logs", "-f", "-n", "0"], { env });
    const hive = startHive(["build", "--progress=plain"], { cwd: app.path, env });
    await hive.prints(hasStarted);
    expect(await processesWith(directory)).not.toEqual([]);
    expect((await runHive([...stop, "--timeout=1s"], { env })).exitCode).toBe(0);
    expect((await hive.result).exitCode).toBe(4);
    expect(await processesWith(directory)).toEqual([]);
    expect(await mountsBelow(directory)).toEqual([]);
    // Whatever it said at its end is in the log.
    log.kill("SIGINT");
    expect((await log.result).exitCode).toBe(0);
  }, 120_000);

  test("two starts at once make one daemon", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    const results = await Promise.all([runHive(start, { env }), runHive(start, { env })]);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(results[0]?.stdout).toBe(results[1]?.stdout ?? "");
    // unshare and the daemon in its namespaces.
    expect(await daemons(directory)).toHaveLength(2);
  }, 60_000);

  test("a daemon that was killed counts as none, and the next start works", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    expect((await runHive(start, { env })).exitCode).toBe(0);
    for (const pid of await daemons(directory)) process.kill(pid, "SIGKILL");
    await waitUntil("it is gone", 10_000, async () =>
      (await daemons(directory)).length === 0 ? true : undefined,
    );
    expect(existsSync(join(directory, "buildkitd.json"))).toBe(true);
    const dead = await runHive(status, { env });
    expect([dead.exitCode, JSON.parse(dead.stdout)]).toEqual([1, { running: false }]);
    expect((await runHive(start, { env })).exitCode).toBe(0);
    expect((await runHive(status, { env })).exitCode).toBe(0);
  }, 60_000);

  test("a start that was killed leaves nothing that the next one does not understand", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    const state = join(directory, "buildkitd.json");
    // At several points: before, while and after the daemon is started.
    for (const reached of ["lock", "buildkitd.toml", "run", "buildkitd.json"]) {
      const hive = startHive(start, { env });
      await waitUntil(`${reached} is there`, 20_000, () =>
        existsSync(join(directory, reached)) ? true : undefined,
      );
      hive.kill("SIGKILL");
      await hive.result;
    }
    // As when it was killed between starting the daemon and writing that down.
    expect((await runHive(start, { env })).exitCode).toBe(0);
    await Bun.file(state).delete();
    const next = await runHive(start, { env });
    expect([next.exitCode, next.stdout]).toEqual([
      0,
      `unix://${join(directory, "run/buildkitd.sock")}\n`,
    ]);
    expect(await daemons(directory)).toHaveLength(2);
    await Bun.file(state).delete();
    expect((await runHive(stop, { env })).exitCode).toBe(0);
    expect(await daemons(directory)).toEqual([]);
  }, 120_000);

  test("never ends a process that has the pid of one that is gone", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    expect((await runHive(start, { env })).exitCode).toBe(0);
    const path = join(directory, "buildkitd.json");
    const state = await readFile(path, "utf8");
    expect((await runHive(stop, { env })).exitCode).toBe(0);
    // With something below it, which is not ours either.
    const other = Bun.spawn(["sh", "-c", "sleep 600 & wait"]);
    const below = await waitUntil("it has a child", 10_000, async () => {
      const text = await readFile(`/proc/${other.pid}/task/${other.pid}/children`, "utf8");
      return text.trim() === "" ? undefined : text.trim().split(" ").map(Number);
    });
    try {
      await writeFile(path, state.replace(/"owner": "\d+-/, `"owner": "${other.pid}-`));
      expect((await runHive(status, { env })).exitCode).toBe(1);
      expect((await runHive(stop, { env })).exitCode).toBe(0);
      // Its shell would end with what it waits for.
      expect(other.exitCode).toBe(null);
    } finally {
      for (const pid of below) process.kill(pid, "SIGTERM");
      await other.exited;
    }
    expect(below).toHaveLength(1);
  }, 60_000);

  test("what another container left in a cache that was kept counts as none", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    expect((await runHive(start, { env })).exitCode).toBe(0);
    const path = join(directory, "buildkitd.json");
    const state = await readFile(path, "utf8");
    expect((await runHive(stop, { env })).exitCode).toBe(0);
    // The last part of an owner is its host and pid namespace.
    await writeFile(path, state.replace(/("owner": "[^"]*-)[0-9a-f]{8}"/, '$1ffffffff"'));
    const dead = await runHive(status, { env });
    expect([dead.exitCode, JSON.parse(dead.stdout)]).toEqual([1, { running: false }]);
    expect((await runHive(start, { env })).exitCode).toBe(0);
    expect((await runHive(status, { env })).exitCode).toBe(0);
  }, 60_000);

  test("a daemon that hangs is told of, and can be stopped", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    expect((await runHive(start, { env })).exitCode).toBe(0);
    for (const pid of await daemons(directory)) process.kill(pid, "SIGSTOP");
    const hanging = await runHive(status, { env });
    expect([hanging.exitCode, JSON.parse(hanging.stdout)]).toMatchObject([
      1,
      { running: true, answers: false },
    ]);
    expect((await runHive([...stop, "--timeout=1s"], { env })).exitCode).toBe(0);
    expect(await daemons(directory)).toEqual([]);
  }, 60_000);

  test("a start that fails shows the daemon's reason and its last words", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    expect((await runHive(start, { env })).exitCode).toBe(0);
    expect((await runHive(stop, { env })).exitCode).toBe(0);
    // Its own state is no directory any more.
    await Bun.$`rm -rf ${directory}/root`.quiet();
    await writeFile(join(directory, "root"), "");
    const failed = await runHive(start, { env });
    expect(failed.exitCode).toBe(4);
    expect(failed.stderr).toMatch(/BuildKit did not start: .*not a directory/);
    expect(await daemons(directory)).toEqual([]);
    expect((await runHive(status, { env })).exitCode).toBe(1);
  }, 60_000);

  test("says of each way why it can't be had", async () => {
    await using home = await managedHome({ PATH: "/nowhere" });
    const { env } = home;
    const failed = await runHive(["dev", "buildkitd", "start"], { env });
    expect(failed.exitCode).toBe(4);
    expect(failed.stderr).toContain(
      "No container: Cannot reach the Docker Engine at unix:///nowhere/docker.sock: no such socket",
    );
    expect(failed.stderr).toContain("No buildkitd of this machine: no buildkitd on PATH");
    const named = await runHive(start, { env });
    expect([named.exitCode, named.stderr]).toEqual([4, expect.stringContaining("no buildkitd")]);
    // What it was told to do without is no way out.
    expect(failed.stderr).toContain("a Docker Engine or Podman that this user may use");
    expect(named.stderr).not.toContain("Docker Engine");
  });

  test("the program on PATH is not the version that hive.yml asks for", async () => {
    await using home = await managedHome();
    const { env } = home;
    await using app = await projectDirectory({ "hive.yml": "buildkit: { version: v99.1.2 }\n" });
    const mirror = "--mirror=http://127.0.0.1:1";
    const auto = await runHive(["dev", "buildkitd", "start", mirror], { cwd: app.path, env });
    expect(auto.exitCode).toBe(4);
    expect(auto.stderr).toMatch(/No buildkitd of this machine: .* hive\.yml asks for v99\.1\.2/);
    const named = await runHive(start, { cwd: app.path, env });
    expect([named.exitCode, named.stderr]).toEqual([
      0,
      expect.stringMatching(/warning: BuildKit is .*, and hive\.yml asks for v99\.1\.2/),
    ]);
  }, 60_000);
});

describe("hive build --buildkit=managed", () => {
  test("runs no release that a project's steps can break out of", async () => {
    await using home = await managedHome();
    await using app = await projectDirectory({
      "hive.yml": "buildkit: { address: managed, version: v0.11.6 }\n",
    });
    const { exitCode, stderr } = await runHive(["build"], { cwd: app.path, env: home.env });
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("Cannot run BuildKit v0.11.6: what it builds can break out"),
    ]);
  });

  test("runs one for the time of the build, and keeps its cache", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using app = await project();
    const options = { cwd: app.path, env };
    const first = await runHive(["build", "--buildkit=managed", "--progress=plain"], options);
    expect([first.exitCode, first.stderr]).toEqual([0, expect.stringMatching(hasStarted)]);
    expect(await daemons(directory)).toEqual([]);
    expect((await runHive(status, { env })).exitCode).toBe(1);

    // By the environment, and by hive.yml.
    const named = { cwd: app.path, env: { ...env, BUILDKIT_HOST: "managed" } };
    const cached = await runHive(["build", "--no-skip", "--progress=plain"], named);
    expect(cached.exitCode).toBe(0);
    expect(cached.stderr).not.toMatch(hasStarted);
    await app.write("hive.yml", "buildkit: { address: managed }\n");
    expect(statuses(await runHive(["build", "--no-skip", "--json"], options))).toMatchObject({
      "app:1": "cached",
    });
    expect(await daemons(directory)).toEqual([]);
  }, 120_000);

  test("starts none for what is not there to be built", async () => {
    await using home = await managedHome();
    await using app = await project();
    const options = { cwd: app.path, env: home.env };
    for (const args of [["build"], ["verify", "--rebuild"]]) {
      const result = await runHive([...args, "--buildkit=managed", "nosuch"], options);
      expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining("nosuch")]);
      expect(result.stderr).not.toContain("Starting BuildKit");
    }
    await app.write("hive.yml", "buildkit: { nodes: [{ address: managed }] }\n");
    const node = await runHive(["build", "nosuch"], options);
    expect([node.exitCode, node.stderr]).toEqual([2, expect.not.stringContaining("Starting")]);
  }, 60_000);

  test("leaves one that runs alone", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using app = await project();
    expect((await runHive(start, { env })).exitCode).toBe(0);
    const running = await daemons(directory);
    const options = { cwd: app.path, env };
    expect((await runHive(["build", "--buildkit=managed"], options)).exitCode).toBe(0);
    expect(await daemons(directory)).toEqual(running);

    // So do all that build nothing.
    const managed = { ...options, env: { ...env, BUILDKIT_HOST: "managed" } };
    for (const args of [["doctor"], ["wait", "--timeout=20s"], ["dev", "du"], ["dev", "prune"]]) {
      const { exitCode, stderr } = await runHive(args, managed);
      expect([args, exitCode, stderr]).toMatchObject([args, 0, expect.any(String)]);
    }
    expect(await daemons(directory)).toEqual(running);
  }, 60_000);

  test("runs one as a node of several, and for hive verify --rebuild", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using app = await project();
    await app.write(
      "hive.yml",
      'buildkit: { nodes: [{ address: managed }, { address: "unix:///nobody/buildkitd.sock" }] }\n',
    );
    const options = { cwd: app.path, env };
    const built = await runHive(["build", "--json"], options);
    expect([built.exitCode, built.stderr]).toEqual([0, expect.stringContaining("hive.yml:1")]);
    expect(statuses(built)).toMatchObject({ "app:1": "built" });
    expect(await daemons(directory)).toEqual([]);
    const verified = await runHive(["verify", "--rebuild"], options);
    expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringMatching(/ same$/m)]);
    expect(await daemons(directory)).toEqual([]);
    // It is the doctor's to say, and not to start.
    const doctor = await runHive(["doctor"], options);
    expect([doctor.exitCode, doctor.stdout]).toEqual([
      4,
      expect.stringMatching(/node managed +Cannot find a BuildKit daemon: hive runs none now/),
    ]);
    expect((await runHive(start, { env })).exitCode).toBe(0);
    expect((await runHive(["doctor"], options)).stdout).toMatch(/node managed +v\d/);
  }, 120_000);

  test("leaves one that somebody starts meanwhile", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using app = await project(600);
    const options = { cwd: app.path, env };
    const hive = startHive(["build", "--buildkit=managed", "--progress=plain"], options);
    await hive.prints(hasStarted);
    const running = await daemons(directory);
    expect(JSON.parse((await runHive(status, { env })).stdout)).toMatchObject({ temporary: true });
    expect((await runHive(start, { env })).exitCode).toBe(0);
    hive.kill("SIGINT");
    expect((await hive.result).exitCode).toBe(130);
    expect(await daemons(directory)).toEqual(running);
    expect(JSON.parse((await runHive(status, { env })).stdout)).toMatchObject({ temporary: false });
  }, 60_000);

  test("ends it after Ctrl-C, and after a failure", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using app = await project(600);
    const options = { cwd: app.path, env };
    const hive = startHive(["build", "--buildkit=managed", "--progress=plain"], options);
    await hive.prints(hasStarted);
    hive.kill("SIGINT");
    expect((await hive.result).exitCode).toBe(130);
    expect(await daemons(directory)).toEqual([]);
    await app.write("images/app/Dockerfile", "FROM __hive__/base:1.0\nRUN false\n");
    expect((await runHive(["build", "--buildkit=managed"], options)).exitCode).toBe(1);
    expect(await daemons(directory)).toEqual([]);
    expect(await mountsBelow(directory)).toEqual([]);
  }, 120_000);

  test("two builds share it, and the last one ends it, also when another was killed", async () => {
    await using home = await managedHome();
    const { env, directory } = home;
    await using slow = await project(600);
    await using killed = await project(600);
    await using quick = await project();
    const build = ["build", "--buildkit=managed", "--progress=plain"];
    const first = startHive(build, { cwd: slow.path, env });
    await first.prints(hasStarted);
    const running = await daemons(directory);
    const second = startHive(build, { cwd: killed.path, env });
    await second.prints(hasStarted);
    second.kill("SIGKILL");
    await second.result;
    expect((await runHive(build, { cwd: quick.path, env })).exitCode).toBe(0);
    expect(await daemons(directory)).toEqual(running);
    first.kill("SIGINT");
    expect((await first.result).exitCode).toBe(130);
    expect(await daemons(directory)).toEqual([]);
  }, 120_000);
});
