import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { certificateBlocks } from "../base/certificate-blocks.ts";
import type { Environment } from "../base/environment.ts";
import { closestNames } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import type { Cluster, ClusterAccess, Credential } from "./cluster.ts";
import { createExecCredential, type ExecPlugin } from "./exec-credential.ts";
import { findOwnCluster } from "./own-cluster.ts";
import {
  type KubeEntry,
  type Kubeconfig,
  listOf,
  fieldsOf,
  readKubeconfig,
  textOf,
} from "./kubeconfig.ts";

type OpenClusterOptions = {
  readonly env: Environment;
  /** Of the kubeconfig; its current one when absent. */
  readonly context?: string | undefined;
};

/**
 * The cluster that kubectl would use: of a kubeconfig's context, or, without a kubeconfig, that of the pod that we run in.
 * Nothing is asked yet.
 * @throws HiveError "usage"
 */
export async function openCluster({ env, context }: OpenClusterOptions): Promise<ClusterAccess> {
  const config = await readKubeconfig(env);
  if (context === undefined && config.clusters.size === 0) {
    const own = await findOwnCluster(env);
    if (own !== undefined) return own;
  }
  const name = context ?? config.currentContext;
  if (name === undefined) {
    throw new HiveError("usage", "There is no current context of Kubernetes", {
      hint: "Set one with kubectl config use-context, or name one in the address: kube-pod://POD?context=NAME. KUBECONFIG names the file, if it is not ~/.kube/config.",
    });
  }
  const { fields } = entryOf(config, "contexts", name);
  const entry = entryOf(config, "clusters", textOf(fields.get("cluster")) ?? "");
  const cluster = await readCluster(entry);
  const user = textOf(fields.get("user"));
  return {
    cluster,
    namespace: textOf(fields.get("namespace")) ?? "default",
    credential:
      user === undefined
        ? async () => ({})
        : await readUser(entryOf(config, "users", user), user, { cluster, env }),
  };
}

function entryOf(
  config: Kubeconfig,
  kind: "contexts" | "clusters" | "users",
  name: string,
): KubeEntry {
  const entry = config[kind].get(name);
  if (entry !== undefined) return entry;
  const known = [...config[kind].keys()];
  const [near] = closestNames(name, known, 1);
  throw new HiveError("usage", `The kubeconfig has no ${kind.slice(0, -1)} "${name}"`, {
    hint:
      near === undefined
        ? `It has ${known.length === 0 ? "none" : known.slice(0, 10).join(", ")}.`
        : `Did you mean "${near}"?`,
  });
}

async function readCluster(entry: KubeEntry): Promise<Cluster> {
  const { fields } = entry;
  const address = textOf(fields.get("server")) ?? "";
  const server = URL.canParse(address) ? new URL(address) : undefined;
  if (server === undefined || !["http:", "https:"].includes(server.protocol)) {
    throw unusable(`its server "${address}" is no address`);
  }
  if (textOf(fields.get("proxy-url")) !== undefined) {
    throw unusable(
      "its proxy-url is not supported",
      "Use kubectl port-forward and a tcp:// address instead.",
    );
  }
  const ca = await readData(entry, "certificate-authority");
  const name = textOf(fields.get("tls-server-name"));
  const hostname = server.hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    server,
    tls: {
      ...(ca === undefined ? {} : { ca: certificatesIn(ca) }),
      // An address is no name to ask for; the certificate is held against it all the same.
      serverName: name ?? (isIP(hostname) === 0 ? hostname : ""),
      ...(textOf(fields.get("insecure-skip-tls-verify")) === "true"
        ? { rejectUnauthorized: false }
        : {}),
    },
  };
}

/** @throws HiveError "usage" for ways to log in that hive doesn't know */
async function readUser(
  entry: KubeEntry,
  name: string,
  { cluster, env }: { readonly cluster: Cluster; readonly env: Environment },
): Promise<ClusterAccess["credential"]> {
  const { fields, directory } = entry;
  for (const unknown of ["username", "auth-provider", "as"]) {
    if (fields.get(unknown) !== undefined) {
      throw unusable(
        `its user "${name}" has ${unknown}, which is not supported`,
        "Use a user with a certificate, a token or exec.",
      );
    }
  }
  const [cert, key] = await Promise.all([
    readData(entry, "client-certificate"),
    readData(entry, "client-key"),
  ]);
  const pair = cert === undefined || key === undefined ? {} : { cert, key };
  const token = textOf(fields.get("token"));
  const tokenFile = textOf(fields.get("tokenFile"));
  if (tokenFile !== undefined) {
    const path = resolve(directory, tokenFile);
    return async () => ({ ...pair, token: (await readText(path)).trim() });
  }
  if (token !== undefined) return async () => ({ ...pair, token });
  const exec = fields.get("exec");
  if (typeof exec !== "object" || exec === null) return async (): Promise<Credential> => pair;
  const given = createExecCredential(readPlugin(exec, directory), { cluster, env });
  return async (options) => ({ ...pair, ...(await given(options)) });
}

function readPlugin(value: unknown, directory: string): ExecPlugin {
  const fields = fieldsOf(value);
  const env = listOf(fields.get("env")).map((item) => {
    const { get } = fieldsOf(item);
    return [
      textOf(get("name")) ?? "",
      typeof get("value") === "string" ? String(get("value")) : "",
    ];
  });
  return {
    apiVersion: textOf(fields.get("apiVersion")) ?? "",
    command: textOf(fields.get("command")) ?? "",
    args: listOf(fields.get("args")).filter((arg) => typeof arg === "string"),
    env: Object.fromEntries(env),
    directory,
    provideClusterInfo: textOf(fields.get("provideClusterInfo")) === "true",
    interactiveMode: textOf(fields.get("interactiveMode")) ?? "IfAvailable",
    installHint: textOf(fields.get("installHint")),
  };
}

/** `<name>-data` in base64, else the file that `<name>` names. */
async function readData(
  { fields, directory }: KubeEntry,
  name: string,
): Promise<string | undefined> {
  const data = textOf(fields.get(`${name}-data`));
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  const path = textOf(fields.get(name));
  return path === undefined ? undefined : await readText(resolve(directory, path));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = systemErrorCode(error) ?? "unknown";
    throw unusable(`"${path}", which it names, can't be read: ${code}`);
  }
}

/** @throws HiveError "usage" when there is none */
function certificatesIn(pem: string): string[] {
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0) throw unusable("its certificate authority is no certificate");
  return blocks;
}

function unusable(reason: string, hint = "See whether kubectl works with it."): HiveError {
  return new HiveError("usage", `Cannot use the kubeconfig: ${reason}`, { hint });
}
