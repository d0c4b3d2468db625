import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveOptions, type RunningHive, runHive, startHive } from "../support/run-hive.ts";
import { type SshClient, type Sshd, startSshd } from "../support/sshd.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

const stack = new AsyncDisposableStack();
let daemon: Buildkitd;
let sshd: Sshd;
let project: ProjectDirectory;
/** The daemon's socket. */
let socket: string;
/** Where hive puts its own. */
let runtime: string;

beforeAll(async () => {
  daemon = stack.use(await startBuildkitd());
  sshd = stack.use(await startSshd());
  socket = daemon.address.replace("unix://", "");
  runtime = stack.use(await tempDirectory()).path;
  project = stack.use(
    await projectDirectory({
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": "FROM __hive__/base:1.0\nRUN echo hello > /hello\n",
    }),
  );
}, 60_000);

afterAll(() => stack.disposeAsync());

function options(client: SshClient, cwd: string = project.path): HiveOptions {
  const PATH = `${client.directory}:${process.env["PATH"] ?? ""}`;
  return { cwd, env: { PATH, XDG_RUNTIME_DIR: runtime, BUILDKIT_HOST: undefined } };
}

const build = (address: string, ...flags: string[]): string[] => [
  "build",
  `--buildkit=${address}`,
  "--no-skip",
  ...flags,
];

describe("a daemon behind ssh", () => {
  test("builds images on each other, and ssh is gone with its socket afterwards", async () => {
    const client = await sshd.client();
    const result = await runHive(build(`ssh://builder${socket}`, "--json"), options(client));
    expect(result).toMatchObject({ exitCode: 0 });
    expect(Object.keys(statuses(result))).toEqual(["base:1.0", "app:1"]);
    await gone(client);
    expect(await readdir(runtime)).toEqual([]);
  }, 60_000);

  test("is reached by user, host and port, and by BUILDKIT_HOST", async () => {
    const client = await sshd.client();
    const { cwd, env } = options(client);
    const BUILDKIT_HOST = `ssh://root@127.0.0.1:${sshd.port}${socket}`;
    const result = await runHive(["build", "--no-skip"], {
      cwd: cwd ?? "",
      env: { ...env, BUILDKIT_HOST },
    });
    expect(result).toMatchObject({ exitCode: 0 });
  }, 60_000);

  test("is reached also where a user's own settings for the host forward what is taken", async () => {
    const taken = `LocalForward 127.0.0.1:${sshd.port} /x`;
    const client = await sshd.client(
      `Host builder\n  ControlMaster auto\n  ControlPath ${runtime}/c\n  ${taken}\n`,
    );
    const result = await runHive(build(`ssh://builder${socket}`), options(client));
    expect(result).toMatchObject({ exitCode: 0 });
    expect(await readdir(runtime)).toEqual([]);
  }, 60_000);
});

describe("an ssh that does not get there is explained:", () => {
  async function failure(address: string, client: SshClient): Promise<string> {
    const result = await runHive(build(address), options(client));
    expect(result).toMatchObject({ exitCode: 4, stdout: "" });
    return result.stderr;
  }

  test("no socket over there", async () => {
    const words = await failure("ssh://builder/nowhere/buildkitd.sock", await sshd.client());
    expect(words).toMatch(
      /its \/nowhere\/buildkitd\.sock can't be opened \(ssh says: .*open failed/,
    );
    expect(words).toContain("ssh builder ls -l /nowhere/buildkitd.sock");
  });

  test("a server that forwards no sockets", async () => {
    await using strict = await startSshd("AllowStreamLocalForwarding no");
    const words = await failure(`ssh://builder${socket}`, await strict.client());
    expect(words).toContain("can't be opened (ssh says: ");
    expect(words).toContain("AllowStreamLocalForwarding");
  });

  test("an unknown key of the host", async () => {
    const client = await sshd.client("UserKnownHostsFile /dev/null\n");
    const words = await failure(`ssh://builder${socket}`, client);
    expect(words).toContain("its key is not known here");
    expect(words).toContain("accept it once: ssh builder");
  });

  test("another key of the host", async () => {
    await using other = await startSshd();
    const line = (
      await Bun.file(join((await other.client()).directory, "../host.pub")).text()
    ).trim();
    await using directory = await tempDirectory();
    const known = join(directory.path, "known_hosts");
    await Bun.write(known, `[127.0.0.1]:${sshd.port} ${line}\n`);
    const words = await failure(
      `ssh://builder${socket}`,
      await sshd.client(`UserKnownHostsFile ${known}\n`),
    );
    expect(words).toContain("its key is not the one that is known here");
  });

  test("a key that the host does not let in", async () => {
    await using other = await startSshd();
    const stranger = join((await other.client()).directory, "../user");
    const client = await sshd.client(`IdentityFile ${stranger}\nIdentityFile none\n`);
    // The usual key would be tried as well.
    const config = Bun.file(join(client.directory, "config"));
    const text = await config.text();
    await Bun.write(config, text.replaceAll(/^ {2}IdentityFile .*$/gm, ""));
    const words = await failure(`ssh://builder${socket}`, client);
    expect(words).toContain("it lets nobody in with the keys that ssh has");
    expect(words).toContain("ssh-add");
  });

  test("a port where nobody listens, and a host that is not there", async () => {
    const client = await sshd.client();
    expect(await failure(`ssh://127.0.0.1:1${socket}`, client)).toContain("nobody listens there");
    expect(await failure(`ssh://nowhere.invalid${socket}`, client)).toContain(
      "there is no such host",
    );
  });

  test("no ssh on PATH", async () => {
    const env = { PATH: runtime, XDG_RUNTIME_DIR: runtime };
    const result = await runHive(build(`ssh://builder${socket}`), { cwd: project.path, env });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain("There is no ssh on PATH");
  });
});

describe("a build that runs", () => {
  const hasStarted = /run [-0-9a-f]+ has started\n/;

  async function started(client: SshClient): Promise<{ hive: RunningHive } & AsyncDisposable> {
    const slow = await projectDirectory({
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": `FROM __hive__/base:1.0\nRUN echo run ${crypto.randomUUID()} has started; sleep 60\n`,
    });
    const address = `ssh://builder${socket}`;
    const hive = startHive(build(address, "--progress=plain"), options(client, slow.path));
    await hive.prints(hasStarted);
    return { hive, [Symbol.asyncDispose]: () => slow[Symbol.asyncDispose]() };
  }

  test("ends when ssh does, as one that lost its connection", async () => {
    const client = await sshd.client();
    await using run = await started(client);
    process.kill(await client.pid(), "SIGKILL");
    const result = await run.hive.result;
    expect(result.exitCode).toBe(4);
    expect(result.stderr).toMatch(/connection to BuildKit was lost: .*ssh/);
  }, 60_000);

  test("takes ssh along at Ctrl-C", async () => {
    const client = await sshd.client();
    await using run = await started(client);
    run.hive.kill("SIGINT");
    expect(await run.hive.result).toMatchObject({ exitCode: 130 });
    await gone(client);
    expect(await readdir(runtime)).toEqual([]);
  }, 60_000);

  test("takes ssh along when it is killed", async () => {
    const client = await sshd.client();
    await using run = await started(client);
    run.hive.kill("SIGKILL");
    await run.hive.result;
    await gone(client);
    await waitUntil("its socket is gone", 10_000, async () =>
      (await readdir(runtime)).length === 0 ? true : undefined,
    );
  }, 60_000);
});

async function gone(client: SshClient): Promise<void> {
  const pid = await client.pid();
  await waitUntil("ssh has ended", 10_000, async () =>
    (await Bun.file(`/proc/${pid}/stat`).exists()) ? undefined : true,
  );
}
