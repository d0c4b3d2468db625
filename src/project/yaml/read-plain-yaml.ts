import { readInlineYaml } from "./read-inline-yaml.ts";
import type { YamlEntry, YamlNode } from "./yaml-node.ts";

/**
 * Reads the YAML that nearly all files of a project are written in: maps and lists by indentation, with values on one
 * line. Undefined for all else (anchors, text of several lines, tabs, anything wrong, ...), which `readYaml()` hands to
 * the real parser: that is right about everything, but takes ten times as long, half a second for 200 images.
 * Where it does answer it answers the same, which tests hold it to.
 */
export function readPlainYaml(text: string): YamlNode | undefined {
  if (unusual.test(text)) return undefined;
  const lines = linesOf(text);
  const [first] = lines;
  if (first === undefined || first.indent !== 0) return undefined;
  const reader: Reader = { text, lines, next: 0 };
  try {
    const node = readBlock(reader, 0, 0);
    return reader.next === lines.length ? node : undefined;
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

// Control characters, what else could break lines, directives and ends of documents.
const unusual =
  /[^\n\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|^(?:---|\.\.\.|%)/m;

/** A line that is neither empty nor a comment. Offsets into the text. */
type Line = { readonly indent: number; readonly start: number; readonly end: number };

type Reader = { readonly text: string; readonly lines: Line[]; next: number };

const notPlain = new Error("This YAML is not plain");

function fail(): never {
  throw notPlain;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    let start = at;
    while (start < end && text[start] === " ") start++;
    if (start < end && text[start] !== "#") lines.push({ indent: start - at, start, end });
    at = end + 1;
  }
  return lines;
}

const deepest = 16;

function readBlock(reader: Reader, indent: number, depth: number): YamlNode {
  const line = reader.lines[reader.next];
  if (line === undefined || line.indent !== indent || depth > deepest) return fail();
  return isItem(reader, line) ? readList(reader, indent, depth) : readMap(reader, indent, depth);
}

function isItem({ text }: Reader, { start }: Line): boolean {
  return text.startsWith("- ", start);
}

function readList(reader: Reader, indent: number, depth: number): YamlNode {
  const items: YamlNode[] = [];
  const begin = reader.lines[reader.next]?.start ?? 0;
  for (;;) {
    const line = reader.lines[reader.next];
    if (line === undefined || line.indent !== indent || !isItem(reader, line)) break;
    let { start } = line;
    do start++;
    while (reader.text[start] === " ");
    if (start >= line.end || reader.text[start] === "#") fail();
    const within = { indent: indent + start - line.start, start, end: line.end };
    if (isItem(reader, within)) fail();
    if (keyAt(reader.text, within) === undefined) items.push(readValue(reader, start, indent));
    else {
      // A map that begins behind the dash goes on below, where it began.
      reader.lines[reader.next] = within;
      items.push(readMap(reader, within.indent, depth + 1));
    }
  }
  return { kind: "list", range: [begin, items.at(-1)?.range[1] ?? begin], items };
}

function readMap(reader: Reader, indent: number, depth: number): YamlNode {
  const entries = new Map<string, YamlEntry>();
  const begin = reader.lines[reader.next]?.start ?? 0;
  let end = begin;
  for (;;) {
    const line = reader.lines[reader.next];
    if (line === undefined || line.indent !== indent || isItem(reader, line)) break;
    const name = keyAt(reader.text, line) ?? fail();
    if (entries.has(name)) fail();
    const value = readMapValue(reader, line, { colon: line.start + name.length, depth });
    entries.set(name, { key: [line.start, line.start + name.length], value });
    end = value.range[1];
  }
  if (entries.size === 0) fail();
  return { kind: "map", range: [begin, end], entries };
}

function readMapValue(
  reader: Reader,
  line: Line,
  { colon, depth }: { readonly colon: number; readonly depth: number },
): YamlNode {
  let start = colon + 1;
  while (start < line.end && reader.text[start] === " ") start++;
  if (start < line.end && reader.text[start] !== "#") {
    return readValue(reader, start, line.indent);
  }
  reader.next++;
  const below = reader.lines[reader.next] ?? fail();
  const isBelow =
    below.indent > line.indent || (below.indent === line.indent && isItem(reader, below));
  return isBelow ? readBlock(reader, below.indent, depth + 1) : fail();
}

// A value on this line alone: a deeper line behind it would go on with it.
function readValue(reader: Reader, start: number, indent: number): YamlNode {
  const line = reader.lines[reader.next] ?? fail();
  const inline = readInlineYaml(reader.text, start, line.end) ?? fail();
  reader.next++;
  if ((reader.lines[reader.next]?.indent ?? 0) > indent) fail();
  return inline;
}

const key = /([A-Za-z0-9_][\w./-]{0,200}):(?= |\n|$)/y;

function keyAt(text: string, { start }: Line): string | undefined {
  key.lastIndex = start;
  const name = key.exec(text)?.[1];
  return name === undefined || /^(?:null|Null|NULL|__proto__)$/.test(name) ? undefined : name;
}
