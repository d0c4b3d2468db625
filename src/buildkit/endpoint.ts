import { HiveError } from "../base/hive-error.ts";

/** Where a BuildKit daemon listens. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Where buildkitd listens if its address names no port. */
const usualPort = 1234;

const supported = "Supported are unix:///path/to/buildkitd.sock and tcp://host:port.";

/**
 * Reads a daemon's address as BUILDKIT_HOST holds it.
 * @throws HiveError "usage"
 */
export function parseEndpoint(text: string): Endpoint {
  const [, scheme, rest = ""] = /^([a-z][a-z+-]*):\/\/(.*)$/.exec(text.trim()) ?? [];
  if (scheme === undefined) throw unusable(text, "it has no scheme");
  if (scheme === "unix") return parseUnix(text, rest);
  if (scheme === "tcp") return parseTcp(text, rest);
  throw unusable(text, `hive can't dial ${scheme}://`, schemeHints[scheme]);
}

/** The address as {@link parseEndpoint} reads it. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix://${endpoint.path}`;
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return `tcp://${host}:${endpoint.port}`;
}

// What buildctl dials through other programs can be forwarded to an address that needs none.
const schemeHints: Readonly<Record<string, string>> = {
  "docker-container":
    "Start the container with --addr tcp://0.0.0.0:1234 and publish the port on loopback.",
  "podman-container":
    "Start the container with --addr tcp://0.0.0.0:1234 and publish the port on loopback.",
  "kube-pod":
    "Forward its port: kubectl port-forward POD 1234:1234, then use tcp://127.0.0.1:1234.",
  ssh: "Forward its socket: ssh -L ./buildkitd.sock:/run/buildkit/buildkitd.sock HOST, then use unix://.",
};

function parseUnix(text: string, path: string): Endpoint {
  if (!path.startsWith("/")) throw unusable(text, "a socket needs an absolute path");
  return { kind: "unix", path };
}

function parseTcp(text: string, rest: string): Endpoint {
  // The URL class knows IPv6 brackets; http would swallow its own default port.
  const url = URL.canParse(`tcp://${rest}`) ? new URL(`tcp://${rest}`) : undefined;
  if (url === undefined || url.hostname === "" || !["", "/"].includes(url.pathname)) {
    throw unusable(text, "it isn't tcp://host:port");
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { kind: "tcp", host, port: url.port === "" ? usualPort : Number(url.port) };
}

function unusable(text: string, reason: string, hint?: string): HiveError {
  return new HiveError("usage", `Cannot use BuildKit address "${text}": ${reason}`, {
    hint: hint === undefined ? supported : `${supported}\n${hint}`,
  });
}
