import { join } from "node:path";
import type { Buildkitd } from "./buildkitd.ts";
import { issueCertificates } from "./issue-certificates.ts";
import { requireEnv } from "./require-env.ts";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

/**
 * A Kubernetes API with pods in the namespace "ci" (see kube-peer/main.go), in whose containers "buildkitd" a daemon of
 * the tests runs.
 */
export type KubeCluster = AsyncDisposable & {
  /** `https://127.0.0.1:port` and the prefix. */
  readonly server: string;
  /** Has ca.pem, user.pem and user.key, and `token`, whose content is what the API takes. */
  readonly directory: string;
  /** Writes a kubeconfig with one context of the namespace "ci", and this user. Gives its path. */
  kubeconfig(user: unknown, cluster?: unknown): Promise<string>;
  /** How many commands run. */
  readonly running: () => number;
};

export type KubeOptions = {
  /** As before Kubernetes 1.30: version 4 of the protocol, handed through to the container's runtime. */
  readonly isOld?: boolean;
};

export async function startKubeCluster(
  daemon: Buildkitd,
  { isOld = false }: KubeOptions = {},
): Promise<KubeCluster> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await tempDirectory());
  const at = (name: string): string => join(directory, name);
  await issueCertificates(directory, {
    server: { usage: "serverAuth", names: "IP:127.0.0.1,DNS:kube.example" },
    user: { usage: "clientAuth" },
    old: { usage: "clientAuth", expired: true },
  });
  await Bun.write(at("token"), "tok-1");
  const settings = {
    cert: at("server.pem"),
    key: at("server.key"),
    "client-ca": at("ca.pem"),
    token: at("token"),
    path: requireEnv("HIVE_TEST_BUILDCTL").replace(/\/[^/]*$/, ""),
    prefix: "/clusters/one",
    old: String(isOld),
  };
  const peer = Bun.spawn(
    [
      "setpriv",
      "--pdeathsig",
      "KILL",
      requireEnv("HIVE_TEST_KUBE_PEER"),
      ...Object.entries(settings).map(([name, value]) => `-${name}=${value}`),
    ],
    {
      stdin: "ignore",
      stdout: Bun.file(at("log")),
      stderr: Bun.file(at("errors")),
      // What buildctl in the container finds its daemon by.
      env: { ...process.env, BUILDKIT_HOST: daemon.address },
    },
  );
  stack.defer(async () => {
    peer.kill();
    await peer.exited;
  });
  const address = await waitUntil("the cluster listens", 20_000, async () => {
    if (peer.exitCode !== null) throw new Error(await Bun.file(at("errors")).text());
    return /listening on (\S+)/.exec(await Bun.file(at("log")).text())?.[1];
  });
  const server = `https://${address}${settings.prefix}`;
  let files = 0;
  const owned = stack.move();
  return {
    server,
    directory,
    async kubeconfig(user, cluster = {}) {
      const path = at(`kubeconfig-${++files}`);
      const config = {
        apiVersion: "v1",
        kind: "Config",
        "current-context": "ours",
        contexts: [{ name: "ours", context: { cluster: "one", user: "me", namespace: "ci" } }],
        clusters: [
          {
            name: "one",
            cluster: { server, "certificate-authority": "ca.pem", ...(cluster as object) },
          },
        ],
        users: [{ name: "me", user }],
      };
      await Bun.write(path, JSON.stringify(config));
      return path;
    },
    running: () => count(at("log"), "started") - count(at("log"), "ended"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function count(path: string, word: string): number {
  const { stdout } = Bun.spawnSync(["grep", "-c", `^${word} `, path]);
  return Number(stdout.toString());
}
