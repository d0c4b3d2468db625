import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { type KubeCluster, startKubeCluster } from "../support/kube-cluster.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive, startHive } from "../support/run-hive.ts";
import { waitUntil } from "../support/wait-until.ts";
import { statuses } from "./build-json.ts";

const stack = new AsyncDisposableStack();
let daemon: Buildkitd;
let cluster: KubeCluster;
let project: ProjectDirectory;

beforeAll(async () => {
  daemon = stack.use(await startBuildkitd());
  cluster = stack.use(await startKubeCluster(daemon));
  project = stack.use(
    await projectDirectory({
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY big /big\n",
      // More than all buffers on the way.
      "images/app/big": crypto
        .getRandomValues(new Uint8Array(64 * 1024))
        .toHex()
        .repeat(64),
    }),
  );
}, 60_000);

afterAll(() => stack.disposeAsync());

async function build(
  address: string,
  kubeconfig: string,
  env: Record<string, string> = {},
): Promise<HiveResult> {
  return await runHive(["build", "--json", "--no-skip", `--buildkit=${address}`], {
    cwd: project.path,
    env: { KUBECONFIG: kubeconfig, BUILDKIT_HOST: undefined, ...env },
  });
}

async function expectNoCommands({ running }: KubeCluster): Promise<void> {
  await waitUntil("no command runs in a pod", 20_000, () => (running() === 0 ? true : undefined));
}

const token = { token: "tok-1" };

describe("a daemon in a pod", () => {
  test("builds images on each other, and no command stays", async () => {
    const result = await build("kube-pod://builder", await cluster.kubeconfig(token));
    expect(result).toMatchObject({ exitCode: 0 });
    expect(Object.keys(statuses(result))).toEqual(["base:1.0", "app:1"]);
    await expectNoCommands(cluster);
  }, 60_000);

  test("builds through a cluster of before version 5 of the protocol", async () => {
    await using older = await startKubeCluster(daemon, { isOld: true });
    const result = await build("kube-pod://builder", await older.kubeconfig(token));
    expect(result).toMatchObject({ exitCode: 0 });
    await expectNoCommands(older);
  }, 60_000);

  test.each([
    ["a certificate", () => ({ "client-certificate": "user.pem", "client-key": "user.key" })],
    ["a token in a file", () => ({ tokenFile: "token" })],
    [
      "a program's token",
      () => ({
        exec: {
          apiVersion: "client.authentication.k8s.io/v1",
          command: "./login",
          args: ["--for", "hive"],
          env: [{ name: "GREETING", value: "tok-1" }],
          interactiveMode: "IfAvailable",
          provideClusterInfo: true,
        },
      }),
    ],
  ])(
    "is reached with %s",
    async (_case, user) => {
      const login = join(cluster.directory, "login");
      await Bun.write(
        login,
        `#!/bin/sh
[ "$*" = "--for hive" ] || exit 7
case $KUBERNETES_EXEC_INFO in *'"server":"${cluster.server}"'*) ;; *) exit 8 ;; esac
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$GREETING'"}}'
`,
      );
      await chmod(login, 0o755);
      const address = "kube-pod://two?context=ours&namespace=ci&container=buildkitd";
      expect(await build(address, await cluster.kubeconfig(user()))).toMatchObject({ exitCode: 0 });
    },
    60_000,
  );
});

test("a token that is refused is asked for once more", async () => {
  const calls = join(cluster.directory, "calls");
  const script = `echo x >> ${calls}
echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"tok-'$(($(wc -l < ${calls}) - 1))'"}}'`;
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "sh",
    args: ["-c", script],
  };
  const result = await build("kube-pod://builder", await cluster.kubeconfig({ exec }));
  expect(result).toMatchObject({ exitCode: 0 });
  expect((await Bun.file(calls).text()).length).toBe(4);
}, 60_000);

test("a cluster that goes away ends the build as one that lost its connection", async () => {
  await using fragile = await startKubeCluster(daemon);
  await using slow = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0\nRUN echo run ${crypto.randomUUID()} has started; sleep 60\n`,
  });
  const hive = startHive(["build", "--progress=plain", "--buildkit=kube-pod://builder"], {
    cwd: slow.path,
    env: { KUBECONFIG: await fragile.kubeconfig(token), BUILDKIT_HOST: undefined },
  });
  await hive.prints(/run [-0-9a-f]+ has started\n/);
  await fragile[Symbol.asyncDispose]();
  const result = await hive.result;
  expect(result.exitCode).toBe(4);
  expect(result.stderr).toContain(
    "connection to BuildKit was lost: the connection to the pod ended",
  );
}, 60_000);

describe("what goes wrong is explained:", () => {
  test.each([
    [
      "no such pod",
      "kube-pod://nobody",
      token,
      4,
      /there is no such pod: pods "nobody" not found\n.*get pods --namespace ci/,
    ],
    [
      "no right",
      "kube-pod://builder?namespace=theirs",
      token,
      5,
      /does not allow it: .*cannot create resource "pods\/exec"[^]*can-i create pods\/exec --namespace theirs/,
    ],
    [
      "a token that is over",
      "kube-pod://builder",
      { token: "tok-0" },
      5,
      /does not know who asks: Unauthorized\n.*log in/,
    ],
    [
      "a certificate that is over",
      "kube-pod://builder",
      { "client-certificate": "old.pem", "client-key": "old.key" },
      4,
      /does not accept the user's certificate/,
    ],
    [
      "several containers",
      "kube-pod://two",
      token,
      4,
      /choose one of: \[buildkitd sidecar\][^]*kube-pod:\/\/two\?container=NAME/,
    ],
    [
      "a container that does not run",
      "kube-pod://halted",
      token,
      4,
      /container not found \("stopped"\)[^]*kubectl get pod halted/,
    ],
    [
      "a container without buildctl",
      "kube-pod://two?container=sidecar",
      token,
      4,
      /there is no buildctl in the container\n.*container=NAME/,
    ],
    [
      "an unknown context",
      "kube-pod://builder?context=our",
      token,
      2,
      /no context "our"\n.*Did you mean "ours"\?/,
    ],
    [
      "a user without a way to log in",
      "kube-pod://builder",
      { "auth-provider": { name: "gcp" } },
      2,
      /auth-provider, which is not supported/,
    ],
    [
      "a program that fails",
      "kube-pod://builder",
      { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "false" } },
      5,
      /Cannot get a credential from "false": it ended with 1/,
    ],
  ] as const)("%s", async (_case, address, user, exitCode, words) => {
    const result = await build(address, await cluster.kubeconfig(user));
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toContain("tok-");
  });

  test("a daemon that does not run in the pod", async () => {
    await using other = await startBuildkitd();
    await using lonely = await startKubeCluster(other);
    await other.kill("SIGKILL");
    const result = await build("kube-pod://builder", await lonely.kubeconfig(token));
    expect(result).toMatchObject({ exitCode: 4, stdout: "" });
    expect(result.stderr).toMatch(/"buildctl dial-stdio" ended with 1: .*\n.*Does buildkitd run/);
  }, 60_000);

  test("a cluster of another authority, of another name, and none", async () => {
    const { directory } = cluster;
    const foreign = await build(
      "kube-pod://builder",
      await cluster.kubeconfig(token, { "certificate-authority": `${directory}/user.pem` }),
    );
    expect([foreign.exitCode, foreign.stderr]).toEqual([
      4,
      expect.stringContaining("not trusted here"),
    ]);
    const named = await build(
      "kube-pod://builder",
      await cluster.kubeconfig(token, { "tls-server-name": "other.example" }),
    );
    expect([named.exitCode, named.stderr]).toEqual([4, expect.stringContaining("tls-server-name")]);
    const none = await build(
      "kube-pod://builder",
      await cluster.kubeconfig(token, { server: "https://127.0.0.1:1" }),
    );
    expect([none.exitCode, none.stderr]).toEqual([
      4,
      expect.stringContaining("127.0.0.1:1 can't be reached"),
    ]);
    const missing = await build("kube-pod://builder", join(directory, "nothing"));
    expect([missing.exitCode, missing.stderr]).toEqual([
      2,
      expect.stringContaining("no current context"),
    ]);
  }, 60_000);
});
