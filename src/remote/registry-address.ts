import { HiveError } from "../base/hive-error.ts";

export type RegistryAddress = {
  /** `host[:port]`, as it stands before the name in a reference and in Docker's config.json. */
  readonly host: string;
  /** Where its API is: `https://host:port`. */
  readonly origin: string;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
};

type AddressOptions = {
  /** Asks for plain HTTP also where it is not loopback. */
  readonly plainHttp?: boolean;
  /** Whether there is a certificate authority to check a certificate against: then loopback has TLS, too. */
  readonly privateAuthority?: boolean;
};

/** Docker Hub's API does not live under the name that stands in references. */
const dockerHub = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/**
 * Reads `[http://|https://]host[:port]`. Without a scheme it is HTTPS, on loopback plain HTTP.
 * @throws HiveError "usage"
 */
export function parseRegistryAddress(text: string, options: AddressOptions = {}): RegistryAddress {
  const [, written, rest = ""] = /^(?:(https?):\/\/)?([^/]+)\/?$/i.exec(text.trim()) ?? [];
  const named = URL.parse(`http://${rest}`);
  // A name and password are told by their `@`: they must not get into messages.
  if (rest === "" || named === null || /[@?#\s]/.test(rest)) {
    throw new HiveError("usage", `Cannot use ${quoted(text)} as a registry's address`, {
      hint: "Write host or host:port, as registry.example.com:5000.",
    });
  }
  const loopback = isLoopback(named.hostname);
  const scheme = schemeOf(written?.toLowerCase(), loopback, options);
  const { host, origin } = new URL(`${scheme}://${rest}`);
  if (isDockerHub(host)) {
    return { host: "docker.io", origin: `${scheme}://registry-1.docker.io`, loopback };
  }
  return { host, origin, loopback };
}

/** Whether a host is Docker Hub, by any of its names. */
export function isDockerHub(host: string): boolean {
  return dockerHub.has(host);
}

function schemeOf(
  written: string | undefined,
  loopback: boolean,
  { plainHttp = false, privateAuthority = false }: AddressOptions,
): string {
  if (written !== undefined) return written;
  return plainHttp || (loopback && !privateAuthority) ? "http" : "https";
}

/** Of a host name as `URL` writes it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

/**
 * Whether a host name, as `URL` writes it, leads to this machine by whatever way: the unspecified address does, and IPv4's
 * addresses in IPv6's clothes.
 */
export function isThisMachine(hostname: string): boolean {
  return (
    isLoopback(hostname.replace(/\.$/, "")) ||
    hostname === "0.0.0.0" ||
    hostname === "[::]" ||
    /^\[::ffff:(?:7f[0-9a-f]{2}:[0-9a-f]+|0:0)\]$/.test(hostname)
  );
}

function quoted(text: string): string {
  return text.includes("@") ? "what was given" : `"${text}"`;
}
