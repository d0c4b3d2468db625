import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { runHive, startHive } from "../support/run-hive.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

/** A project whose app says "started" and then runs for `seconds`. Never cached: each run is its own. */
function slowProject(seconds: number): ReturnType<typeof projectDirectory> {
  return projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0\nRUN echo run ${crypto.randomUUID()} has started; sleep ${seconds}\n`,
  });
}

const hasStarted = /run [-0-9a-f]+ has started\n/;

describe("without a BuildKit", () => {
  test("hive build names what it tried and how to get one", async () => {
    await using project = await projectDirectory();
    const env = { BUILDKIT_HOST: "unix:///nowhere/buildkitd.sock" };
    const result = await runHive(["build"], { cwd: project.path, env });
    expect(result.exitCode).toBe(4);
    expect(result.stderr).toContain("/nowhere/buildkitd.sock");
    expect(result.stderr).toMatch(/BUILDKIT_HOST/);
  });

  test("a port where nobody listens, and an address nobody understands", async () => {
    await using project = await projectDirectory();
    const closed = await runHive(["build", "--buildkit=tcp://127.0.0.1:1"], { cwd: project.path });
    expect([closed.exitCode, closed.stderr]).toEqual([4, expect.stringContaining("127.0.0.1:1")]);
    const odd = await runHive(["build", "--buildkit=carrier-pigeon://x"], { cwd: project.path });
    expect([odd.exitCode, odd.stderr]).toEqual([2, expect.stringContaining("unix://")]);
  });
});

describe("a daemon", () => {
  test("that can't reach hive's registry, and is to use it, is told so, with what to do", async () => {
    await using daemon = await startBuildkitd({ isolated: true });
    await using project = await projectDirectory();
    const options = { cwd: project.path, env: { BUILDKIT_HOST: daemon.address } };
    const result = await runHive(["build", "--progress=plain", "--handover=registry"], options);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("The daemon can't reach the registry inside hive");
    const told = /--handover=\w+/.exec(result.stderr)?.[0] ?? "";
    expect(told).toBe("--handover=session");
    const again = await runHive(["build", "--json", told], options);
    expect([again.exitCode, Object.keys(statuses(again))]).toEqual([0, ["base:1.0"]]);
  }, 60_000);
});

describe("Ctrl-C", () => {
  test("cancels the build in the daemon and cleans up within 2 s", async () => {
    await using daemon = await startBuildkitd();
    await using project = await slowProject(345);
    const hive = startHive(["build", "--progress=plain"], {
      cwd: project.path,
      env: { BUILDKIT_HOST: daemon.address },
    });
    await hive.prints(hasStarted);
    const asked = performance.now();
    hive.kill("SIGINT");
    const result = await hive.result;
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(result.exitCode).toBe(130);
    await waitUntil("the step's process is gone", 2_000, async () =>
      (await isRunning("sleep 345")) ? undefined : true,
    );
    expect(await scratchOf(project.path)).toEqual([]);
  }, 60_000);

  test("a second time exits at once", async () => {
    await using daemon = await startBuildkitd();
    await using project = await slowProject(60);
    const hive = startHive(["build", "--progress=plain"], {
      cwd: project.path,
      env: { BUILDKIT_HOST: daemon.address },
    });
    await hive.prints(hasStarted);
    // A daemon that does not answer any more is what makes the first Ctrl-C slow.
    await daemon.freeze();
    hive.kill("SIGINT");
    // Two that are sent before one is taken are one.
    await waitUntil("the first one is taken", 10_000, async () => {
      const text = await readFile(`/proc/${hive.pid}/status`, "utf8");
      return /^ShdPnd:\t0+$/m.test(text) || undefined;
    });
    hive.kill("SIGINT");
    const result = await hive.result;
    daemon.thaw();
    expect(result.exitCode).toBe(130);
    // What it says when it has waited for the daemon.
    expect(result.stderr).not.toContain("Interrupted");
  }, 60_000);
});

describe(".hive/", () => {
  test("of a run that was killed is cleaned and used by the next", async () => {
    await using project = await slowProject(60);
    const hive = startHive(["build", "--progress=plain"], { cwd: project.path });
    await hive.prints(hasStarted);
    expect(await scratchOf(project.path)).not.toEqual([]);
    hive.kill("SIGKILL");
    await hive.result;
    await project.write("images/app/Dockerfile", "FROM __hive__/base:1.0\nRUN echo calm\n");
    const result = await runHive(["build", "--json"], { cwd: project.path });
    expect(statuses(result)).toMatchObject({ "base:1.0": "unchanged" });
    expect(result.exitCode).toBe(0);
    expect(await scratchOf(project.path)).toEqual([]);
  }, 60_000);

  test("is shared by two builds at once", async () => {
    await using project = await projectDirectory({
      "images/left/image.yml": `tags: [{ name: "1" }]\n`,
      "images/left/Dockerfile": `FROM __hive__/base:1.0\nRUN echo ${crypto.randomUUID()} && sleep 1\n`,
      "images/right/image.yml": `tags: [{ name: "1" }]\n`,
      "images/right/Dockerfile": `FROM __hive__/base:1.0\nRUN echo ${crypto.randomUUID()} && sleep 1\n`,
    });
    const both = await Promise.all(
      ["left", "right"].map((name) => runHive(["build", name, "--json"], { cwd: project.path })),
    );
    expect(both.map(({ exitCode, stderr }) => [exitCode, stderr.includes("error")])).toEqual([
      [0, false],
      [0, false],
    ]);
    const list = await runHive(["list", "--json"], { cwd: project.path });
    const references = (JSON.parse(list.stdout) as { reference: string }[]).map(
      ({ reference }) => reference,
    );
    expect(references.toSorted()).toEqual(["base:1.0", "left:1", "right:1"]);
  });

  test("on a full disk says so, and the next build works once there is room", async () => {
    await using project = await projectDirectory({
      "images/big/image.yml": `tags: [{ name: "1" }]\n`,
      "images/big/Dockerfile":
        "FROM __hive__/base:1.0\nRUN head -c 30000000 /dev/urandom > /noise\n",
    });
    const store = join(project.path, ".hive");
    await mkdir(store);
    await using _mount = await smallDisk(store, "8m");
    const result = await runHive(["build", "--progress=plain"], {
      cwd: project.path,
      deadline: 60_000,
    });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/no space|disk is full/i);
    expect(result.stderr).toContain(".hive");
    Bun.spawnSync(["mount", "-o", "remount,size=200m", store]);
    const again = await runHive(["build", "--json"], { cwd: project.path });
    expect([again.exitCode, Object.keys(statuses(again))]).toEqual([0, ["base:1.0", "big:1"]]);
  }, 120_000);

  test("that is damaged is named, with what to do", async () => {
    await using project = await projectDirectory();
    expect((await runHive(["build"], { cwd: project.path })).exitCode).toBe(0);
    await project.write(".hive/index.json", "{ broken");
    const result = await runHive(["list"], { cwd: project.path });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/\.hive.*index\.json/);
  });
});

async function smallDisk(path: string, size: string): Promise<AsyncDisposable> {
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
  if (!mounted.success)
    throw new Error(`Cannot mount a small disk for this test: ${mounted.stderr.toString()}`);
  return {
    async [Symbol.asyncDispose]() {
      Bun.spawnSync(["umount", path]);
    },
  };
}

async function scratchOf(project: string): Promise<string[]> {
  return await readdir(join(project, ".hive/tmp")).catch(() => []);
}

async function isRunning(commandLine: string): Promise<boolean> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const text = await Bun.file(`/proc/${pid}/cmdline`)
      .text()
      .catch(() => "");
    if (text.replaceAll("\0", " ").trim() === commandLine) return true;
  }
  return false;
}

requireEnv("BUILDKIT_HOST");
