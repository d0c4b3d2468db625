import { fixed, type TemplateFunction } from "../function.ts";
import { fromBytes, toBytes } from "../go-text.ts";
import { dict, type Dict } from "../value.ts";

function unescape(text: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text))
    throw new Error(`invalid URL escape in ${JSON.stringify(text)}`);
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  const all = toBytes(text);
  for (let at = 0; at < all.length; at++) {
    const byte = all[at] ?? 0;
    if (byte === 0x25) {
      bytes.push(Number.parseInt(String.fromCharCode(all[at + 1] ?? 0, all[at + 2] ?? 0), 16));
      at += 2;
    } else {
      bytes.push(byte);
    }
  }
  return fromBytes(Uint8Array.from(bytes));
}

function escape(text: string, kept: RegExp): string {
  let escaped = "";
  for (const byte of toBytes(text)) {
    const char = String.fromCharCode(byte);
    escaped +=
      byte < 0x80 && kept.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

const pathChars = /[A-Za-z0-9\-_.~$&+,/:;=@]/;
const fragmentChars = /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/;

const shape = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/]*))?([^]*)$/;

function parse(text: string): Dict {
  const fail = (why: string): Error =>
    new Error(`unable to parse url: parse ${JSON.stringify(text)}: ${why}`);
  if (/\p{Cc}/u.test(text)) throw fail("invalid control character in URL");
  const [beforeHash = "", ...fragments] = text.split("#");
  const [beforeQuery = "", ...queries] = beforeHash.split("?");
  const [, scheme = "", authority, path = ""] = shape.exec(beforeQuery) ?? [];
  if (scheme === "" && text.startsWith(":")) throw fail("missing protocol scheme");
  if (scheme === "" && authority === undefined && /^[^/]*:/.test(path)) {
    throw fail("first path segment in URL cannot contain colon");
  }
  const isOpaque = scheme !== "" && authority === undefined && !path.startsWith("/") && path !== "";
  const at = authority?.lastIndexOf("@") ?? -1;
  const host = authority?.slice(at + 1) ?? "";
  if (/[ <>"^`{|}\\]/.test(host)) throw fail("invalid character in host name");
  const port = host.slice(Math.max(host.lastIndexOf(":"), host.lastIndexOf("]")));
  if (port.startsWith(":") && !/^:\d*$/.test(port)) throw fail("invalid port after host");
  return dict([
    ["scheme", scheme.toLowerCase()],
    ["host", unescape(host)],
    ["hostname", unescape(host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1"))],
    ["path", isOpaque ? "" : unescape(path)],
    ["query", queries.join("?")],
    ["opaque", isOpaque ? path : ""],
    ["fragment", unescape(fragments.join("#"))],
    ["userinfo", at === -1 ? "" : (authority?.slice(0, at) ?? "")],
  ]);
}

function join({ entries }: Dict): string {
  const part = (name: string): string => {
    const value = entries.get(name);
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value;
    throw new Error(`unable to parse ${name} key, must be of type string`);
  };
  const [scheme, host, userinfo, opaque] = [
    part("scheme"),
    part("host"),
    part("userinfo"),
    part("opaque"),
  ];
  const start = scheme === "" ? "" : `${scheme}:`;
  const query = part("query") === "" ? "" : `?${part("query")}`;
  const hash = part("fragment") === "" ? "" : `#${escape(part("fragment"), fragmentChars)}`;
  if (opaque !== "") return start + opaque + query + hash;
  const user = userinfo === "" ? "" : `${userinfo}@`;
  const path = escape(part("path"), pathChars);
  const hasAuthority = host !== "" || user !== "" || (scheme !== "" && path.startsWith("//"));
  const separated = hasAuthority && path !== "" && !path.startsWith("/") ? `/${path}` : path;
  return start + (hasAuthority ? `//${user}${host}` : "") + separated + query + hash;
}

/** sprig's functions for URLs. */
export const urlFunctions: Readonly<Record<string, TemplateFunction>> = {
  urlParse: fixed(["string"], ([text]) => parse(text)),
  urlJoin: fixed(["map"], ([value]) => join(value)),
};
