import { isIPv4, isIPv6 } from "node:net";
import { RegistryError } from "../registry-error.ts";

/** What containers call the machine that they run on. */
const machineNames = new Set(["localhost", "host.docker.internal", "host.containers.internal"]);

/**
 * For registries without users, which trust whoever reaches them: a web page could give its own name this machine's
 * address, and its scripts would reach the registry under that name. So only names pass that no page can have: an IP
 * address, a name without a dot, those of this machine, and `allowedNames` (lower case).
 * @throws RegistryError 421
 */
export function refuseForeignHosts(request: Request, allowedNames: readonly string[]): void {
  const header = request.headers.get("host");
  // Every browser sends one.
  if (header === null || header === "") return;
  const name = hostName(header);
  if (name !== undefined && (isOwnName(name) || allowedNames.includes(name))) return;
  throw new RegistryError(
    421,
    "DENIED",
    "this registry is not known under that host name: use its IP address, or start it with the name allowed",
  );
}

/**
 * A web page of another origin can send requests, though it can't read what comes back: none that changes anything is
 * served. Browsers say so in a header; other clients send neither.
 * {@link https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header}
 * @throws RegistryError 403
 */
export function refuseCrossSite(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const foreignSite = site !== null && site !== "same-origin" && site !== "none";
  const foreignOrigin =
    origin !== null && URL.parse(origin)?.host !== request.headers.get("host")?.toLowerCase();
  if (foreignSite || foreignOrigin) {
    throw new RegistryError(403, "DENIED", "a web page of another origin may change nothing here");
  }
}

function isOwnName(name: string): boolean {
  return (
    isIPv4(name) ||
    isIPv6(name) ||
    /^[\w-]+$/.test(name) ||
    name.endsWith(".localhost") ||
    machineNames.has(name)
  );
}

/** Lower case, without port and brackets; undefined for what is no host. */
function hostName(header: string): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/.exec(header.toLowerCase()) ?? [];
  return bracketed ?? plain;
}
