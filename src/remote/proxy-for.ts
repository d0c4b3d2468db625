import { BlockList, isIP } from "node:net";
import { HiveError } from "../base/hive-error.ts";
import { isLoopback } from "./registry-address.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy of the environment for a request; undefined: it goes straight. `NO_PROXY` has hosts (with all below them),
 * `.domain` (only what is below), each with a port if need be, addresses, networks as 10.0.0.0/8, and `*`. Loopback never
 * goes through a proxy.
 * @throws HiveError "usage" for a proxy that is no URL; its text may have a password in it and is not shown
 */
export function proxyFor(url: URL, environment: Environment): string | undefined {
  if (isLoopback(url.hostname)) return undefined;
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = variable(environment, name);
  if (text === "" || isExempt(url, variable(environment, "NO_PROXY"))) return undefined;
  const proxy = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
  if (proxy !== null && /^https?:$/.test(proxy.protocol) && proxy.hostname !== "") {
    return proxy.href;
  }
  throw new HiveError("usage", `Cannot use ${name}: it is no URL of an HTTP proxy`, {
    hint: "Write http://host:port.",
  });
}

function variable(environment: Environment, name: string): string {
  // The lower one is the older custom, and the one that curl prefers.
  return (environment[name.toLowerCase()] || environment[name] || "").trim();
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => entry === "*" || matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const network = /^([\d.]+|[\da-f:.]+)\/(\d{1,3})$/.exec(entry);
  if (network !== null) return isIn(host, network[1] ?? "", Number(network[2]));
  const written = isIP(entry) === 6 ? `[${entry}]` : entry;
  const [, bracketed, plain = "", entryPort] =
    /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(written) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  if (bracketed !== undefined) return isIn(host, bracketed, 128);
  const domain = plain.replace(/^\*\./, ".").replace(/\.$/, "");
  if (domain === "" || isIP(host) !== 0) return domain === host && host !== "";
  if (domain.startsWith(".")) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

/** Whether an address is of a network; names are of none. */
function isIn(host: string, network: string, bits: number): boolean {
  const version = isIP(host);
  if (version === 0 || version !== isIP(network) || bits > (version === 4 ? 32 : 128)) return false;
  const kind = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, bits, kind);
  return list.check(host, kind);
}
