import { expect, test } from "bun:test";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openCluster } from "../../src/kubernetes/open-cluster.ts";
import { findOwnCluster } from "../../src/kubernetes/own-cluster.ts";
import { issueCertificates } from "../support/issue-certificates.ts";
import { rejection } from "../support/rejection.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

/** As `kubectl config` writes it. */
const config = (name: string, more = ""): string => `apiVersion: v1
kind: Config
preferences: {}
clusters:
- cluster:
    server: https://${name}.example:6443/base
    insecure-skip-tls-verify: true
  name: cluster
- cluster:
    server: https://10.0.0.${name.length}
  name: ${name}-cluster
contexts:
- context: { cluster: cluster, user: me, namespace: ${name} }
  name: both
- context:
    cluster: ${name}-cluster
    user: ${name}
  name: ${name}
users:
- name: me
  user:
    token: 0123
- name: ${name}
  user:
    tokenFile: token
${more}`;

test("openCluster() merges the files of KUBECONFIG: the first of a name counts", async () => {
  await using directory = await tempDirectory();
  const at = (name: string): string => join(directory.path, name);
  await mkdir(at("sub"));
  await Bun.write(at("one"), config("one"));
  await Bun.write(at("sub/second"), config("second", "current-context: both\n"));
  await Bun.write(at("sub/token"), "secret\n");
  const env = { KUBECONFIG: `${at("missing")}:${at("one")}::${at("sub/second")}` };

  const both = await openCluster({ env });
  expect(both.cluster.server.href).toBe("https://one.example:6443/base");
  expect(both.cluster.tls).toEqual({ serverName: "one.example", rejectUnauthorized: false });
  expect(both.namespace).toBe("one");
  // As it is written, though it looks like a number.
  expect(await both.credential({})).toEqual({ token: "0123" });

  const second = await openCluster({ env, context: "second" });
  expect(second.cluster.server.hostname).toBe("10.0.0.6");
  expect(second.cluster.tls).toEqual({ serverName: "" });
  expect(second.namespace).toBe("default");
  expect(await second.credential({})).toEqual({ token: "secret" });
  await Bun.write(at("sub/token"), "renewed\n");
  expect(await second.credential({})).toEqual({ token: "renewed" });
});

test("openCluster() finds the usual file, and says what is wrong without telling its secrets", async () => {
  await using directory = await tempDirectory();
  const env = { HOME: directory.path };
  await mkdir(join(directory.path, ".kube"));
  const path = join(directory.path, ".kube/config");
  await Bun.write(path, config("one", "current-context: one\n"));
  expect((await openCluster({ env })).cluster.server.hostname).toBe("10.0.0.3");
  await Bun.write(path, 'token: "secret\n  x: [');
  const failure = await openCluster({ env }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    kind: "usage",
    message: expect.stringContaining(`"${path}": it is no YAML at line`),
  });
  expect(String(failure)).not.toContain("secret");
});

test("openCluster() takes certificates from data before files", async () => {
  await using directory = await tempDirectory();
  await issueCertificates(directory.path, { user: { usage: "clientAuth" } });
  const read = async (name: string): Promise<string> =>
    await Bun.file(join(directory.path, name)).text();
  const [ca, cert, key] = await Promise.all(["ca.pem", "user.pem", "user.key"].map(read));
  const data = (text = ""): string => Buffer.from(text).toString("base64");
  const path = join(directory.path, "config");
  await Bun.write(
    path,
    JSON.stringify({
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [
        {
          name: "c",
          cluster: {
            server: "https://[::1]:6443",
            "certificate-authority-data": data(ca),
            "certificate-authority": "/nowhere",
          },
        },
      ],
      users: [
        {
          name: "u",
          user: {
            "client-certificate-data": data(cert),
            "client-key-data": data(key),
            "client-key": "/nowhere",
          },
        },
      ],
    }),
  );
  const { cluster, credential } = await openCluster({ env: { KUBECONFIG: path } });
  expect(cluster.tls).toEqual({ ca: [ca?.trim() ?? ""], serverName: "" });
  expect(await credential({})).toEqual({ cert: cert ?? "", key: key ?? "" });
});

test("a program's credential is kept until it runs out, or is refused", async () => {
  await using directory = await tempDirectory();
  const at = (name: string): string => join(directory.path, name);
  const version = "client.authentication.k8s.io/v1beta1";
  await Bun.write(
    at("login"),
    `#!/bin/sh
echo x >> ${at("calls")}
[ -e ${at("when")} ] && when=',"expirationTimestamp":"'$(cat ${at("when")})'"'
echo '{"apiVersion":"${version}","status":{"token":"t'$(wc -l < ${at("calls")})'"'$when'}}'
`,
  );
  await chmod(at("login"), 0o755);
  await Bun.write(
    at("config"),
    `current-context: c
contexts: [{ name: c, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "https://kube.example" } }]
users: [{ name: u, user: { exec: { apiVersion: ${version}, command: login, args: null, env: null } } }]
`,
  );
  const env = { KUBECONFIG: at("config"), PATH: `${directory.path}:${process.env["PATH"] ?? ""}` };
  const { credential } = await openCluster({ env });
  expect(await credential({})).toEqual({ token: "t1" });
  expect(await credential({})).toEqual({ token: "t1" });
  expect(await credential({ renew: true })).toEqual({ token: "t2" });
  await Bun.write(at("when"), new Date(Date.now() - 1000).toISOString());
  expect(await credential({ renew: true })).toEqual({ token: "t3" });
  expect(await credential({})).toEqual({ token: "t4" });
});

/** A kubeconfig whose user is let in by what a script prints. */
function execConfig(script: string): string {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "sh",
    args: ["-c", script],
  };
  return JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: "https://kube.example" } }],
    users: [{ name: "u", user: { exec } }],
  });
}

test("who stops does not wait for what a program has started", async () => {
  await using directory = await tempDirectory();
  const at = (name: string): string => join(directory.path, name);
  const pidFile = at("pid");
  const script = `sleep 300 & echo $! > ${at("new")}; mv ${at("new")} ${pidFile}; wait`;
  await Bun.write(at("config"), execConfig(script));
  const { credential } = await openCluster({
    env: { KUBECONFIG: at("config"), PATH: process.env["PATH"] },
  });
  const stop = new AbortController();
  const waiting = rejection(credential({ signal: stop.signal }));
  const started = await waitUntil("started", 10_000, async () =>
    (await Bun.file(pidFile).exists()) ? Number(await Bun.file(pidFile).text()) : undefined,
  );
  const reason = new Error("enough");
  stop.abort(reason);
  expect(await waiting).toBe(reason);
  process.kill(started, "SIGKILL");
});

test.each([
  ["echo no; echo not today >&2; exit 3", "it ended with 3: not today"],
  ["echo secret-token", "what it printed is no JSON"],
  [`echo '{"apiVersion":"x"}'`, "it answered in another version"],
  [`echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{}}'`, "it gave no credential"],
])("a program that does %j is named, with what to do", async (script, words) => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "config");
  await Bun.write(path, execConfig(script));
  const { credential } = await openCluster({
    env: { KUBECONFIG: path, PATH: process.env["PATH"] },
  });
  const failure = await credential({}).catch((error: unknown) => error);
  expect(failure).toMatchObject({ kind: "unauthorized", message: expect.stringContaining(words) });
  expect(String(failure)).not.toContain("secret");
});

test("findOwnCluster() is the cluster that hive runs in", async () => {
  await using directory = await tempDirectory();
  const at = (name: string): string => join(directory.path, name);
  const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  expect(await findOwnCluster(env, directory.path)).toBeUndefined();
  await Bun.write(at("token"), "t1\n");
  await Bun.write(at("ca.crt"), "the authority");
  await Bun.write(at("namespace"), "ci\n");
  expect(await findOwnCluster({}, directory.path)).toBeUndefined();
  const own = await findOwnCluster(env, directory.path);
  expect(own?.cluster.server.href).toBe("https://[fd00::1]/");
  expect(own?.namespace).toBe("ci");
  expect(await own?.credential({})).toEqual({ token: "t1" });
  await Bun.write(at("token"), "t2");
  expect(await own?.credential({})).toEqual({ token: "t2" });
});
