import { createHash, randomBytes } from "node:crypto";
import { HiveError } from "../base/hive-error.ts";
import type { ByteStream } from "../http2/byte-stream.ts";
import { connectSocket, type SocketAddress } from "../http2/connect-socket.ts";
import type { AnswerHead } from "../http2/upgrade-answer.ts";
import { UpgradeRefused } from "../http2/upgrade-refused.ts";
import { upgradeStream } from "../http2/upgrade-stream.ts";
import type { Cluster, Credential } from "./cluster.ts";
import { createExecStream } from "./exec-stream.ts";
import { explainConnection, explainEnd, explainRefusal } from "./explain-exec.ts";

/** What is to run, and where. */
export type ExecTarget = {
  readonly namespace: string;
  readonly pod: string;
  /** The pod's only one when absent. */
  readonly container?: string | undefined;
  readonly command: readonly string[];
};

const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;
export type ExecProtocol = (typeof protocols)[number];

type OpenExecOptions = {
  readonly credential: Credential;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, each for the connection and for the answer. */
  readonly timeout: number;
};

/**
 * Runs a command in a pod, as `kubectl exec -i` does, and gives its standard input and output.
 * A command that ends otherwise than well ends the stream with a HiveError.
 * {@link https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/}
 * @throws HiveError "unreachable", "unauthorized", "failed"; a TimeoutError; the signal's reason
 */
export async function openExec(
  cluster: Cluster,
  target: ExecTarget,
  { credential, signal, timeout }: OpenExecOptions,
): Promise<ByteStream> {
  const stream = await connected(cluster, credential, { signal, timeout });
  const key = randomBytes(16).toString("base64");
  let protocol: ExecProtocol | undefined;
  try {
    const { server } = cluster;
    const upgraded = await upgradeStream(stream, {
      method: "GET",
      path: `${server.pathname.replace(/\/$/, "")}${execPath(target)}`,
      host: server.host,
      protocol: "websocket",
      headers: {
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Protocol": protocols.join(", "),
        "User-Agent": "hive",
        ...(credential.token === undefined ? {} : { Authorization: `Bearer ${credential.token}` }),
      },
      signal,
      timeout,
      accept(head) {
        if (head.status === 101) protocol = agreed(head, key);
        return head.status === 101;
      },
    });
    return createExecStream(upgraded, protocol ?? protocols[1], (end) => explainEnd(end, target));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UpgradeRefused) throw explainRefusal(error, target);
    throw error instanceof HiveError ? error : explainConnection(error, cluster, credential);
  }
}

async function connected(
  { server, tls }: Cluster,
  credential: Credential,
  options: { readonly signal: AbortSignal | undefined; readonly timeout: number },
): Promise<ByteStream> {
  const hostname = server.hostname.replace(/^\[(.*)\]$/, "$1");
  const isSecure = server.protocol === "https:";
  const { ca, ...verified } = tls;
  const address: SocketAddress = {
    kind: "tcp",
    hostname,
    port: Number(server.port === "" ? (isSecure ? 443 : 80) : server.port),
    ...(isSecure
      ? {
          tls: {
            // The only protocol that can be upgraded. One name with its length before it.
            ALPNProtocols: "\x08http/1.1",
            ...verified,
            ...(ca === undefined ? {} : { ca: [...ca] }),
            ...(credential.cert === undefined ? {} : { cert: credential.cert }),
            ...(credential.key === undefined ? {} : { key: credential.key }),
          },
        }
      : {}),
  };
  try {
    return await connectSocket(address, { signal: options.signal, timeoutMs: options.timeout });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explainConnection(error, { server, tls }, credential);
  }
}

function execPath({ namespace, pod, container, command }: ExecTarget): string {
  const query = new URLSearchParams({ stdin: "true", stdout: "true", stderr: "true" });
  if (container !== undefined) query.set("container", container);
  for (const word of command) query.append("command", word);
  const [space, name] = [namespace, pod].map(encodeURIComponent);
  return `/api/v1/namespaces/${space}/pods/${name}/exec?${query.toString()}`;
}

/** {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2} */
function agreed({ headers }: AnswerHead, key: string): ExecProtocol {
  const digest = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const protocol = protocols.find((name) => name === headers.get("sec-websocket-protocol"));
  if (headers.get("sec-websocket-accept") !== digest.digest("base64") || protocol === undefined) {
    throw new HiveError("unreachable", "it does not run commands over WebSockets", {
      hint: "Is this the address of a Kubernetes API? Proxies before it must let WebSockets through.",
    });
  }
  return protocol;
}
