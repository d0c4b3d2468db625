import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { HiveError } from "../base/hive-error.ts";

/** A name that a server's certificate is for. */
export type SubjectName = { readonly kind: "dns" | "ip"; readonly value: string };

const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const dnsName = new RegExp(String.raw`^(?:\*\.)?${label}(?:\.${label})*$`);

/**
 * Reads a host name, `*.example.com`, or an IP address; an IPv6 address may stand in brackets.
 * @throws HiveError "usage"
 */
export function parseSubjectName(text: string): SubjectName {
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) !== 0 && !bare.includes("%")) return { kind: "ip", value: bare };
  const ascii = text.startsWith("*.") ? `*.${asciiName(text.slice(2))}` : asciiName(text);
  if (ascii.length <= 253 && dnsName.test(ascii) && isIP(ascii) === 0) {
    return { kind: "dns", value: ascii };
  }
  throw new HiveError(
    "usage",
    `Cannot make a certificate for "${text}": it is neither a host name nor an IP address`,
    { hint: "Write it without scheme, port and path, as registry.example.com or 192.0.2.7" },
  );
}

/** As DNS has it; "" for what is no name. */
function asciiName(text: string): string {
  // What belongs to other parts of a URL would be cut off.
  return /[\s/?#@:\\%]/.test(text) ? "" : domainToASCII(text);
}

/** The 4 or 16 bytes of an IP address. */
export function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split("."), Number);
  // An IPv4 address at the end stands for two groups.
  const groups = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = groups.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return Uint8Array.from(
    [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 255]),
  );
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
