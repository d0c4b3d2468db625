import type { TextRange, YamlEntry, YamlNode } from "./yaml-node.ts";

/**
 * Reads the value from `start` up to `end`, the end of its line, where nothing but a comment may follow it: plain or
 * quoted text, or a list or map in brackets. Undefined for what is not as simple as that.
 */
export function readInlineYaml(text: string, start: number, end: number): YamlNode | undefined {
  const reader: Reader = { text, at: start, end };
  const first = text[start];
  if (first !== "[" && first !== "{" && first !== '"' && first !== "'") {
    return readPlainLine(reader);
  }
  const node = readFlow(reader, 0);
  return node !== undefined && /^(?: +#.*| *)$/.test(text.slice(reader.at, end)) ? node : undefined;
}

const deepest = 16;

type Reader = { readonly text: string; at: number; readonly end: number };

// `-x` is text, and so is `-1`; all other signs that may mean something at the begin are left to the real parser.
const plainStart = /^(?:-[^ ,[\]{}]|[^-?:,[\]{}#&*!|>'"%@` ])/;

function readPlainLine({ text, at, end }: Reader): YamlNode | undefined {
  const [written = ""] = text.slice(at, end).split(" #", 1);
  return plainNode(written.replace(/ +$/, ""), at);
}

function plainNode(written: string, start: number): YamlNode | undefined {
  if (!plainStart.test(written) || /:(?: |$)/.test(written)) return undefined;
  const range: TextRange = [start, start + written.length];
  if (/^(?:~|null|Null|NULL)$/.test(written)) return { kind: "null", range };
  return { kind: "text", range, value: written };
}

function readFlow(reader: Reader, depth: number): YamlNode | undefined {
  if (depth > deepest) return undefined;
  const sign = reader.text[reader.at];
  if (sign === "[") return readFlowList(reader, depth);
  if (sign === "{") return readFlowMap(reader, depth);
  return sign === '"' || sign === "'" ? readQuoted(reader) : readFlowPlain(reader);
}

function readQuoted(reader: Reader): YamlNode | undefined {
  const { text, at, end } = reader;
  const pattern = text[at] === "'" ? /'((?:[^'\n]|'')*)'/y : /"((?:[^"\\\n]|\\.)*)"/y;
  pattern.lastIndex = at;
  const [whole, inner = ""] = pattern.exec(text) ?? [];
  if (whole === undefined || at + whole.length > end) return undefined;
  reader.at = at + whole.length;
  const range: TextRange = [at, reader.at];
  if (text[at] === "'") return { kind: "text", range, value: inner.replaceAll("''", "'") };
  if (!inner.includes("\\")) return { kind: "text", range, value: inner };
  try {
    // The escapes of JSON mean the same in YAML, which has more.
    return { kind: "text", range, value: JSON.parse(whole) as string };
  } catch {
    return undefined;
  }
}

function readFlowPlain(reader: Reader): YamlNode | undefined {
  const { text, at, end } = reader;
  let stop = at;
  while (stop < end && !",[]{}".includes(text.charAt(stop))) stop++;
  if (stop === end || text[stop] === "[" || text[stop] === "{") return undefined;
  const written = text.slice(at, stop).replace(/ +$/, "");
  if (written.includes(" #")) return undefined;
  reader.at = at + written.length;
  return plainNode(written, at);
}

function readFlowList(reader: Reader, depth: number): YamlNode | undefined {
  const items: YamlNode[] = [];
  const range = readBetween(reader, "]", () => {
    const item = readFlow(reader, depth + 1);
    if (item !== undefined) items.push(item);
    return item !== undefined;
  });
  return range && { kind: "list", range, items };
}

const key = /([A-Za-z0-9_][\w./-]{0,200}): +/y;

function readFlowMap(reader: Reader, depth: number): YamlNode | undefined {
  const entries = new Map<string, YamlEntry>();
  const range = readBetween(reader, "}", () => {
    const start = reader.at;
    key.lastIndex = start;
    const [whole = "", name = "null"] = key.exec(reader.text) ?? [];
    if (/^(?:null|Null|NULL|__proto__)$/.test(name) || entries.has(name)) return false;
    reader.at = start + whole.length;
    const value = readFlow(reader, depth + 1);
    if (value === undefined) return false;
    entries.set(name, { key: [start, start + name.length], value });
    return true;
  });
  return range && { kind: "map", range, entries };
}

// `[a, b]`: `read` reads one, and says whether it could.
function readBetween(reader: Reader, close: string, read: () => boolean): TextRange | undefined {
  const start = reader.at;
  reader.at++;
  skipSpaces(reader);
  let isFirst = true;
  while (isFirst ? reader.text[reader.at] !== close : true) {
    if (!read()) return undefined;
    isFirst = false;
    skipSpaces(reader);
    const sign = reader.text[reader.at];
    if (sign === close) break;
    if (sign !== ",") return undefined;
    reader.at++;
    skipSpaces(reader);
  }
  reader.at++;
  return reader.at <= reader.end ? [start, reader.at] : undefined;
}

function skipSpaces(reader: Reader): void {
  while (reader.at < reader.end && reader.text[reader.at] === " ") reader.at++;
}
