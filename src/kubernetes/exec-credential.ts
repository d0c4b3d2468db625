import { resolve } from "node:path";
import { isatty } from "node:tty";
import { createDeadline } from "../base/deadline.ts";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { printableLines } from "../base/printable.ts";
import { readStart } from "../base/read-start.ts";
import { searchPath } from "../base/search-path.ts";
import type { Cluster, ClusterAccess, Credential } from "./cluster.ts";

/** A program that gives credentials, as a kubeconfig names it. */
export type ExecPlugin = {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** Of the kubeconfig: a relative path of the program begins there. */
  readonly directory: string;
  readonly provideClusterInfo: boolean;
  /** `Never`, `IfAvailable` or `Always`. */
  readonly interactiveMode: string;
  readonly installHint: string | undefined;
};

const versions = new Set([
  "client.authentication.k8s.io/v1",
  "client.authentication.k8s.io/v1beta1",
]);
/** Milliseconds; people may have to log in with a browser. */
const patience = { alone: 60_000, interactive: 300_000 };
const outputLimit = 1024 * 1024;
/** A credential that is about to run out is no use for a connection. */
const margin = 10_000;

/**
 * Runs the program as kubectl does, and keeps what it gives for as long as that is good.
 * {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins}
 */
export function createExecCredential(
  plugin: ExecPlugin,
  options: { readonly cluster: Cluster; readonly env: Environment },
): ClusterAccess["credential"] {
  if (!versions.has(plugin.apiVersion) || plugin.command === "") {
    throw failed(plugin, `its apiVersion "${plugin.apiVersion}" is not supported`);
  }
  let kept: { readonly credential: Credential; readonly until: number } | undefined;
  return async ({ renew = false, signal }) => {
    if (kept !== undefined && !renew && Date.now() < kept.until) return kept.credential;
    kept = undefined;
    const output = await run(plugin, { ...options, signal });
    kept = readCredential(plugin, output);
    return kept.credential;
  };
}

async function run(
  plugin: ExecPlugin,
  {
    cluster,
    env,
    signal,
  }: {
    readonly cluster: Cluster;
    readonly env: Environment;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string> {
  signal?.throwIfAborted();
  const program = findProgram(plugin, env);
  if (program === null) throw failed(plugin, "it is not there", plugin.installHint);
  const interactive = plugin.interactiveMode !== "Never" && isatty(0);
  if (plugin.interactiveMode === "Always" && !interactive) {
    throw failed(
      plugin,
      "it wants a terminal",
      "Run hive in one, or use a user of its own for this.",
    );
  }
  const info = {
    kind: "ExecCredential",
    apiVersion: plugin.apiVersion,
    spec: { interactive, ...(plugin.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const child = Bun.spawn([program, ...plugin.args], {
    env: { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    stdin: interactive ? "inherit" : "ignore",
    stdout: "pipe",
    // Where to log in is told there.
    stderr: interactive ? "inherit" : "pipe",
  });
  const limit = interactive ? patience.interactive : patience.alone;
  using deadline = createDeadline({ signal, timeout: limit });
  try {
    // Not all that it started may end with it, and that may keep its output open.
    const output = Promise.all([
      readStart(child.stdout, outputLimit),
      child.stderr === undefined ? "" : readStart(child.stderr, outputLimit),
      child.exited,
    ]);
    const [stdout, stderr, code] = await Promise.race([output, deadline.passed]);
    if (code !== 0) {
      const last = printableLines(stderr).findLast((line) => line.trim() !== "");
      throw failed(plugin, `it ended with ${code}${last === undefined ? "" : `: ${last}`}`);
    }
    return stdout;
  } catch (error) {
    signal?.throwIfAborted();
    throw deadline.signal.aborted ? failed(plugin, `no answer within ${limit / 1000} s`) : error;
  } finally {
    child.kill("SIGKILL");
  }
}

function findProgram({ command, directory }: ExecPlugin, env: Environment): string | null {
  if (command.includes("/")) return Bun.which(resolve(directory, command));
  return Bun.which(command, { PATH: searchPath(env) });
}

function clusterInfo({ server, tls }: Cluster): Record<string, unknown> {
  return {
    server: server.href.replace(/\/$/, ""),
    ...(tls.serverName === server.hostname || tls.serverName === ""
      ? {}
      : { "tls-server-name": tls.serverName }),
    ...(tls.rejectUnauthorized === false ? { "insecure-skip-tls-verify": true } : {}),
    ...(tls.ca === undefined
      ? {}
      : { "certificate-authority-data": Buffer.from(tls.ca.join("\n")).toString("base64") }),
  };
}

function readCredential(
  plugin: ExecPlugin,
  output: string,
): { credential: Credential; until: number } {
  let value: { apiVersion?: unknown; status?: Record<string, unknown> } | null;
  try {
    value = JSON.parse(output) as typeof value;
  } catch {
    // Its text may have a token in it.
    throw failed(plugin, "what it printed is no JSON");
  }
  if (value?.apiVersion !== plugin.apiVersion) {
    throw failed(plugin, `it answered in another version than ${plugin.apiVersion}`);
  }
  const {
    token,
    clientCertificateData: cert,
    clientKeyData: key,
    expirationTimestamp,
  } = value.status ?? {};
  const hasPair = typeof cert === "string" && typeof key === "string";
  if (typeof token !== "string" && !hasPair) throw failed(plugin, "it gave no credential");
  const until =
    typeof expirationTimestamp === "string" ? Date.parse(expirationTimestamp) : Infinity;
  return {
    credential: {
      ...(typeof token === "string" ? { token } : {}),
      ...(hasPair ? { cert, key } : {}),
    },
    until: Number.isNaN(until) ? 0 : until - margin,
  };
}

function failed({ command }: ExecPlugin, reason: string, hint?: string): HiveError {
  return new HiveError("unauthorized", `Cannot get a credential from "${command}": ${reason}`, {
    hint: hint ?? "The kubeconfig names this program: see whether kubectl works with it.",
  });
}
