import { describe, expect, test } from "bun:test";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { renderLock } from "../../src/lock/render-lock.ts";
import { servedRegistry } from "../remote/support/served-registry.ts";
import { startBuildkitd } from "../support/buildkitd.ts";
import { withOwnRun } from "../support/own-run.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { startRegistry } from "../support/start-registry.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveOptions, type HiveResult, runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { tempProject } from "../support/temp-project.ts";

type Check = {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly fix?: string;
};

/** `hive doctor --json` and its checks by name; of several with one name the last. */
async function doctor(
  options: HiveOptions,
  ...args: readonly string[]
): Promise<{ result: HiveResult; checks: Readonly<Record<string, Check>> }> {
  const result = await runHive(["doctor", "--json", ...args], options);
  const { checks } = JSON.parse(result.stdout) as { checks: Check[] };
  return { result, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

const nowhere = { BUILDKIT_HOST: undefined, DOCKER_HOST: "unix:///nonexistent/docker.sock" };

describe("hive doctor", () => {
  test("finds all well with a daemon and a project", async () => {
    await using project = await projectDirectory();
    const { result, checks } = await doctor({ cwd: project.path });
    expect(result.exitCode).toBe(0);
    const fine = ["hive", "project", "buildkit", "workers", "capabilities", "session", "handover"];
    for (const name of [...fine, "emulators", "clock", "disk"]) {
      expect([name, checks[name]?.status]).toEqual([name, "ok"]);
    }
    expect(checks["buildkit"]?.detail).toContain("by BUILDKIT_HOST");
    expect(checks["git"]).toMatchObject({ status: "warn", fix: expect.any(String) });
  });

  test("prints a line for each check, in ASCII where the terminal has no more", async () => {
    await using directory = await tempDirectory();
    const run = async (locale: string): Promise<HiveResult> =>
      await runHive(["doctor"], { cwd: directory.path, env: { LC_ALL: locale } });
    expect((await run("C.UTF-8")).stdout).toMatch(/^✔ buildkit +v?\S+ at /m);
    const plain = await run("C");
    expect(plain.stdout).toMatch(/^\+ buildkit +v?\S+ at /m);
    expect(plain.stdout).toMatch(/^- project +no hive.yml/m);
    expect(plain.stdout).toMatch(/\n\n\+ nothing failed[^\n]*\n$/);
    expect(plain.exitCode).toBe(0);
  });

  test("says once what hides several checks, and at the end what it comes to", async () => {
    await using directory = await tempDirectory();
    const env = { ...nowhere, XDG_RUNTIME_DIR: directory.path, LC_ALL: "C" };
    const { stdout } = await runHive(["doctor"], { cwd: directory.path, env, ...withOwnRun() });
    expect(stdout).toMatch(/^- see buildkit +workers, capabilities, session, handover, /m);
    expect(stdout.match(/see buildkit/g)).toHaveLength(1);
    expect(stdout).toMatch(/\n\nx 1 failed: buildkit(;[^\n]*)?\n$/);
  });

  test("exits with 4 without a daemon, says what it tried and checks the rest", async () => {
    await using project = await projectDirectory();
    const options = { cwd: project.path, env: { ...nowhere, XDG_RUNTIME_DIR: project.path } };
    const { result, checks } = await doctor({ ...options, ...withOwnRun() });
    expect(result.exitCode).toBe(4);
    const { buildkit, session, project: own } = checks;
    // A daemon that was killed leaves its socket.
    expect(buildkit?.detail).toMatch(
      /unix:\/\/\/run\/buildkit\/buildkitd\.sock: (?:no such socket|nobody listens there)/,
    );
    expect(buildkit?.detail).toContain(`unix://${project.path}/buildkit/buildkitd.sock: no such`);
    expect(buildkit?.detail).toContain("docker://: ");
    expect(buildkit?.fix).toContain("BUILDKIT_HOST");
    expect([session?.status, own?.status]).toEqual(["skipped", "ok"]);
  });

  test("finds a rootless daemon, also behind one of the system's that is frozen", async () => {
    await using runtime = await tempDirectory();
    const path = join(runtime.path, "buildkit");
    await using _rootless = await startBuildkitd({ directory: path });
    await using frozen = await startBuildkitd();
    const options = { cwd: "/", env: { ...nowhere, XDG_RUNTIME_DIR: runtime.path } };
    const found = `unix://${path}/buildkitd.sock (found by itself)`;
    const alone = await doctor({ ...options, ...withOwnRun() });
    expect(alone.checks["buildkit"]?.detail).toContain(found);
    const system = withOwnRun(frozen.address.replace("unix://", ""));
    const both = await doctor({ ...options, ...system });
    expect(both.checks["buildkit"]?.detail).toContain("/run/buildkit/buildkitd.sock (found");
    process.kill(frozen.pid, "SIGSTOP");
    try {
      const behind = await doctor({ ...options, ...system });
      expect(behind.checks["buildkit"]?.detail).toContain(found);
      expect(behind.result.exitCode).toBe(0);
    } finally {
      process.kill(frozen.pid, "SIGCONT");
    }
  }, 90_000);

  test("says of a frozen daemon that it does not answer", async () => {
    await using daemon = await startBuildkitd();
    process.kill(daemon.pid, "SIGSTOP");
    try {
      const env = { BUILDKIT_HOST: daemon.address };
      const { result, checks } = await doctor({ cwd: "/", env, deadline: 30_000 });
      expect(result.exitCode).toBe(4);
      expect(checks["buildkit"]?.detail).toContain("no answer within 10 s");
      expect(checks["buildkit"]?.fix).toContain("restart it");
    } finally {
      process.kill(daemon.pid, "SIGCONT");
    }
  }, 60_000);

  test("says of a socket that is not for this user which group to join", async () => {
    await using daemon = await startBuildkitd();
    await using directory = await tempDirectory();
    await chmod(directory.path, 0o755);
    const socket = daemon.address.replace("unix://", "");
    await chmod(join(socket, ".."), 0o755);
    // Where hive itself stands may be closed to others, too.
    const hive = join(directory.path, "hive");
    await copyFile(requireEnv("HIVE_BINARY"), hive);
    await chmod(hive, 0o755);
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", hive];
    const env = { BUILDKIT_HOST: daemon.address, HOME: directory.path };
    const { result, checks } = await doctor({ cwd: "/", env, program: nobody });
    expect(result.exitCode).toBe(4);
    expect(checks["buildkit"]).toMatchObject({
      detail: expect.stringContaining("permission denied"),
      fix: expect.stringContaining("group"),
    });
  }, 60_000);

  test("says of a port that no BuildKit listens there", async () => {
    using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("web") });
    const { result, checks } = await doctor(
      { cwd: "/" },
      `--buildkit=tcp://127.0.0.1:${server.port}`,
    );
    expect(result.exitCode).toBe(4);
    expect(checks["buildkit"]?.fix).toContain("See whether it is a BuildKit daemon");
  });

  test("warns of a daemon that can't reach hive's registry", async () => {
    await using daemon = await startBuildkitd({ isolated: true });
    const { result, checks } = await doctor({ cwd: "/" }, `--buildkit=${daemon.address}`);
    expect(checks["session"]?.status).toBe("ok");
    expect(checks["handover"]).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("can't reach the registry inside hive"),
      fix: expect.stringContaining("--network host"),
    });
    expect(result.exitCode).toBe(0);
  }, 60_000);

  test("gives a broken project's first finding with its code and place", async () => {
    await using project = await tempProject({ "hive.yml": "platfroms: [linux/amd64]\n" });
    const { result, checks } = await doctor({ cwd: project.root });
    expect(result.exitCode).toBe(1);
    expect(checks["project"]?.detail).toMatch(/^HV\d{4} hive\.yml:1:1: /);
    expect(checks["git"]).toMatchObject({ status: "skipped", detail: "see project" });
    expect(checks["buildkit"]?.status).toBe("ok");
  });

  test("tells platforms that the daemon can't run, and images that hive.lock does not pin", async () => {
    await using project = await tempProject({
      "hive.yml": "platforms: [linux/s390x]\n",
      "hive.lock": renderLock(new Map()),
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": "FROM registry.example.com/base:1\nRUN true\n",
    });
    await using daemon = await startBuildkitd();
    const { checks } = await doctor({ cwd: project.root }, `--buildkit=${daemon.address}`);
    expect(checks["lock"]).toMatchObject({ status: "warn", fix: "hive lock" });
    expect(checks["lock"]?.detail).toContain("registry.example.com/base:1");
    const isRunnable = checks["workers"]?.detail.includes("linux/s390x") ?? false;
    expect(checks["emulators"]?.status).toBe(isRunnable ? "ok" : "warn");
    if (!isRunnable) expect(checks["emulators"]?.detail).toContain("images/app/Dockerfile:2");
  }, 60_000);

  test("tries the registries of hive.yml, and shows no credential", async () => {
    const secret = "a-secret-that-nobody-sees";
    await using registry = await servedRegistry({ credential: { username: "bob", secret } });
    const wrong = Buffer.from("bob:wrong-and-secret-too").toString("base64");
    const right = Buffer.from(`bob:${secret}`).toString("base64");
    await using project = await projectDirectory({
      "hive.yml": `registries:
  prod: { address: "${registry.address}/team" }
  gone: { address: "127.0.0.1:1" }
`,
      "wrong/config.json": JSON.stringify({ auths: { [registry.address]: { auth: wrong } } }),
      "right/config.json": JSON.stringify({
        auths: { [registry.address]: { auth: right } },
        credHelpers: { "other.example.com": "nobody-has-this-one" },
      }),
    });
    const config = (name: string): HiveOptions => ({
      cwd: project.path,
      env: { DOCKER_CONFIG: join(project.path, name) },
    });
    const refused = await doctor(config("wrong"));
    expect(refused.result.exitCode).toBe(1);
    expect(refused.checks["registry prod"]?.status).toBe("fail");
    expect(refused.checks["registry gone"]?.detail).toContain("nobody listens there");
    const entered = await doctor(config("right"));
    expect(entered.checks["registry prod"]?.status).toBe("ok");
    expect(entered.checks["credential helpers"]?.detail).toContain(
      "docker-credential-nobody-has-this-one",
    );
    const all = JSON.stringify([refused, entered]);
    for (const hidden of [secret, "wrong-and-secret-too", wrong, right]) {
      expect(all).not.toContain(hidden);
    }
  });

  test("knows the authority of this machine's registry where hive.yml names it", async () => {
    await using data = await tempDirectory();
    const storage = join(data.path, "hive/registry");
    const env = { XDG_DATA_HOME: data.path, HOME: data.path, DOCKER_CONFIG: data.path };
    await using registry = await startRegistry(["--secure", `--storage=${storage}`]);
    await using project = await projectDirectory({
      "hive.yml": `registries: { own: { address: "${registry.address}", role: ci } }\n`,
    });
    const { checks } = await doctor({ cwd: project.path, env });
    expect(checks["registry own"]).toMatchObject({
      detail: expect.stringContaining("401"),
      fix: expect.stringContaining(`hive login ${registry.address}`),
    });
    const unknown = { XDG_DATA_HOME: project.path, HOME: data.path };
    const elsewhere = await doctor({ cwd: project.path, env: unknown });
    expect(elsewhere.checks["registry own"]).toMatchObject({
      status: "fail",
      fix: expect.stringContaining(`hive registry trust --registry ${registry.address} --ca-cert`),
    });
    const moved = { ...unknown, HIVE_REGISTRY_STORAGE: storage };
    const named = await doctor({ cwd: project.path, env: moved });
    expect(named.checks["registry own"]?.detail).toContain("401");
    expect(named.checks["authority"]?.status).toBe("warn");
  }, 60_000);

  test("looks at the authority of this machine's registry", async () => {
    await using data = await tempDirectory();
    const env = { XDG_DATA_HOME: data.path };
    const certificates = join(data.path, "hive/registry/certificates");
    await mkdir(certificates, { recursive: true });
    await Bun.write(join(certificates, "ca.crt"), "no certificate");
    const damaged = await doctor({ cwd: "/", env });
    expect(damaged.checks["authority"]).toMatchObject({ status: "fail" });
    expect(damaged.result.exitCode).toBe(1);
  });
});
