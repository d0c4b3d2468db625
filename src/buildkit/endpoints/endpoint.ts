import { closestNames } from "../../base/closest.ts";
import { HiveError } from "../../base/hive-error.ts";
import { suggestAddress } from "./suggest-address.ts";

/** Where a BuildKit daemon is, and the way there. Plain data: `createDialer()` makes connections of it. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      /** Speaks TLS when there. */
      readonly tls?: TlsFiles;
    }
  /** The BuildKit inside a Docker Engine: at a socket, of a context of Docker's own, or wherever `docker` itself would look. */
  | { readonly kind: "docker"; readonly socket?: string; readonly context?: string }
  /** A daemon in a container: each connection is a `buildctl dial-stdio` that the engine runs in there. */
  | {
      readonly kind: "container";
      readonly engine: "docker" | "podman";
      readonly name: string;
      readonly context?: string;
    }
  /** A daemon's socket on another machine, by the user's own `ssh`. */
  | {
      readonly kind: "ssh";
      /** `[user@]host`, or a name of `~/.ssh/config`. */
      readonly destination: string;
      readonly port?: number;
      /** The socket over there. */
      readonly path: string;
    }
  /** A daemon in a pod: each connection is a `buildctl dial-stdio` that Kubernetes runs in there. */
  | {
      readonly kind: "kube";
      readonly pod: string;
      readonly context?: string;
      readonly namespace?: string;
      readonly container?: string;
    };

/**
 * What TLS is made with: paths of PEM files, or of a directory that has them. Without a certificate of our own the
 * daemon must not ask for one. `~/` is the user's home.
 */
export type TlsFiles = {
  /** Has ca.pem (or ca.crt), cert.pem (tls.crt) and key.pem (tls.key), those that are needed; instead of the three. */
  readonly directory?: string;
  /** The authorities that may have signed the daemon's certificate; the machine's own when absent. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the daemon's certificate has to be for; the address's host when absent. */
  readonly serverName?: string;
};

/** Where buildkitd listens if its address names no port. */
const usualPort = 1234;

/** Where a daemon listens that nobody told otherwise. */
export const usualSocket = "/run/buildkit/buildkitd.sock";

/** What stands in place of an address: the daemon that we run ourselves. */
export const managedAddress = "managed";

const supported = `Supported are
  managed, for the one that hive runs
  unix:///path/to/buildkitd.sock
  tcp://host:port[?ca=ca.pem&cert=cert.pem&key=key.pem&servername=name]
  tcp://host:port?tls=DIRECTORY with ca.pem, cert.pem and key.pem
  docker://[context], docker:///path/to/docker.sock
  docker-container://name[?context=...], podman-container://name
  ssh://[user@]host[:port][/path/to/buildkitd.sock]
  kube-pod://pod[?context=...&namespace=...&container=...]`;

type Address = {
  readonly text: string;
  readonly host: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
};

/**
 * Reads a daemon's address as BUILDKIT_HOST holds it.
 * @throws HiveError "usage"
 */
export function parseEndpoint(text: string): Endpoint {
  // The address is printed, and goes into requests.
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f-\x9f]/.test(decoded(text.trim()))) {
    throw unusable(text, "it has control characters");
  }
  const [, scheme, host = "", path = "", query = ""] =
    /^([a-z][a-z+-]*):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/.exec(text.trim()) ?? [];
  if (scheme === undefined) throw unusable(text, "it has no scheme", didYouMean(text));
  const parse = Object.hasOwn(parsers, scheme) ? parsers[scheme] : undefined;
  if (parse === undefined) throw unusable(text, `hive can't dial ${scheme}://`, didYouMean(text));
  const [entries, allowed] = [[...new URLSearchParams(query)], parse.settings];
  for (const [key, value] of entries) {
    if (!allowed.includes(key)) {
      const [meant] = closestNames(key, allowed);
      const hint = meant === undefined ? undefined : `Did you mean ${meant}=${value}?`;
      throw unusable(text, `${scheme}:// has no setting "${key}"`, hint);
    }
    // A variable that was not set would turn TLS off.
    if (value === "") throw unusable(text, `its setting "${key}" is empty`);
  }
  return parse.read({ text, host, path, query: new Map(entries) });
}

const parsers: Readonly<
  Record<
    string,
    { readonly settings: readonly string[]; readonly read: (address: Address) => Endpoint }
  >
> = {
  unix: { settings: [], read: parseUnix },
  tcp: { settings: ["tls", "ca", "cert", "key", "servername"], read: parseTcp },
  docker: { settings: [], read: parseDocker },
  "docker-container": {
    settings: ["context"],
    read: (address) => parseContainer(address, "docker"),
  },
  "podman-container": { settings: [], read: (address) => parseContainer(address, "podman") },
  ssh: { settings: [], read: parseSsh },
  "kube-pod": { settings: ["context", "namespace", "container"], read: parsePod },
};

/** The address as {@link parseEndpoint} reads it. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "unix":
      return `unix://${endpoint.path}`;
    case "tcp": {
      const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
      const { directory, ca, cert, key, serverName } = endpoint.tls ?? {};
      return `tcp://${host}:${endpoint.port}${formatQuery({ tls: directory, ca, cert, key, servername: serverName })}`;
    }
    case "docker":
      return `docker://${endpoint.socket ?? endpoint.context ?? ""}`;
    case "container":
      return `${endpoint.engine}-container://${endpoint.name}${formatQuery({ context: endpoint.context })}`;
    case "ssh": {
      const port = endpoint.port === undefined ? "" : `:${endpoint.port}`;
      const path = endpoint.path === usualSocket ? "" : endpoint.path;
      return `ssh://${endpoint.destination}${port}${path}`;
    }
    case "kube": {
      const { context, namespace, container } = endpoint;
      return `kube-pod://${endpoint.pod}${formatQuery({ context, namespace, container })}`;
    }
  }
}

function formatQuery(settings: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  // Paths stay readable: what separates settings is all that has to be written otherwise.
  const escape = (value: string): string => value.replace(/[%&#+ ]/g, encodeURIComponent);
  return set.length === 0
    ? ""
    : `?${set.map(([key, value = ""]) => `${key}=${escape(value)}`).join("&")}`;
}

function parseUnix({ text, host, path }: Address): Endpoint {
  if (host !== "") {
    throw unusable(text, "a socket needs an absolute path", `Did you mean unix:///${host}${path}?`);
  }
  if (!path.startsWith("/")) throw unusable(text, "a socket needs an absolute path");
  return { kind: "unix", path };
}

function parseTcp({ text, host: authority, path, query }: Address): Endpoint {
  // The URL class knows IPv6 brackets; http would swallow its own default port.
  const url = URL.canParse(`tcp://${authority}`) ? new URL(`tcp://${authority}`) : undefined;
  if (url === undefined || url.hostname === "" || !["", "/"].includes(path)) {
    throw unusable(text, "it isn't tcp://host:port");
  }
  const tls = present({
    directory: query.get("tls"),
    ca: query.get("ca"),
    cert: query.get("cert"),
    key: query.get("key"),
    serverName: query.get("servername"),
  });
  if (
    tls.directory !== undefined &&
    [tls.ca, tls.cert, tls.key].some((file) => file !== undefined)
  ) {
    throw unusable(text, "tls= names the directory that has what ca=, cert= and key= name singly");
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw unusable(text, "a certificate needs its key, and a key its certificate");
  }
  return {
    kind: "tcp",
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? usualPort : Number(url.port),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function parseDocker({ text, host, path }: Address): Endpoint {
  if (host === "") return path === "" ? { kind: "docker" } : { kind: "docker", socket: path };
  if (path !== "" && path !== "/") throw unusable(text, "it names a context and a socket");
  return { kind: "docker", context: host };
}

function parseContainer(
  { text, host, path, query }: Address,
  engine: "docker" | "podman",
): Endpoint {
  if (host === "" || !["", "/"].includes(path)) throw unusable(text, "it names no container");
  return { kind: "container", engine, name: host, ...present({ context: query.get("context") }) };
}

function parseSsh({ text, host, path }: Address): Endpoint {
  const [, destination = "", port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  // What begins with a dash would be a flag of ssh; and ssh puts both names into commands of the user's settings, as
  // ProxyCommand, that a shell reads: some releases look at them before, some do not.
  if (!/^(?:[\w.][\w.+-]*@)?(?:[\w.:][\w.:-]*|\[[\da-f.:]+(?:%[\w.-]+)?\])$/i.test(destination)) {
    throw unusable(text, "it isn't ssh://[user@]host[:port][/path]");
  }
  return {
    kind: "ssh",
    destination,
    ...(port === undefined ? {} : { port: Number(port) }),
    path: ["", "/"].includes(path) ? usualSocket : path,
  };
}

function parsePod({ text, host, path, query }: Address): Endpoint {
  if (host === "" || !["", "/"].includes(path)) throw unusable(text, "it names no pod");
  return {
    kind: "kube",
    pod: host,
    ...present({
      context: query.get("context"),
      namespace: query.get("namespace"),
      container: query.get("container"),
    }),
  };
}

/** As settings are read. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function present<T extends Readonly<Record<string, string | undefined>>>(
  settings: T,
): { [K in keyof T]?: string } {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(set) as { [K in keyof T]?: string };
}

function didYouMean(text: string): string | undefined {
  const schemes = Object.keys(parsers);
  const meant = suggestAddress(text.trim(), { schemes, words: [managedAddress] });
  return meant === undefined ? undefined : `Did you mean ${meant}?`;
}

function unusable(text: string, reason: string, hint: string = supported): HiveError {
  return new HiveError("usage", `Cannot use BuildKit address "${text}": ${reason}`, { hint });
}
