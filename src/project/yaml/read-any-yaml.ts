import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Node as AnyNode,
  type Pair,
} from "yaml";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { diagnosticAt, type SourceText } from "../../base/source-text.ts";
import type { TextRange, YamlEntry, YamlNode } from "./yaml-node.ts";

/** Reads one YAML document, whatever is in it, as `readYaml()` says. */
export function readAnyYaml(
  source: SourceText,
  report: (finding: Diagnostic) => void,
): YamlNode | undefined {
  const document = parse(source, report);
  if (document === undefined) return undefined;
  const reader: Reader = { source, report, anchors: new Map(), left: mostNodes };
  try {
    if (document === null) return { kind: "map", range: [0, 0], entries: new Map() };
    return readNode(document, reader, 0);
  } catch (error) {
    if (error instanceof YamlProblem) {
      report(
        diagnosticAt(source, error.range, {
          code: "HV1001",
          severity: "error",
          message: error.message,
        }),
      );
      return undefined;
    }
    throw error;
  }
}

// An image.yml of a thousand tags has about 20 thousand nodes; aliases of aliases reach any number.
const mostNodes = 200_000;
const deepest = 64;

type Reader = {
  readonly source: SourceText;
  readonly report: (finding: Diagnostic) => void;
  /** Undefined while the anchored node is being read: an alias to it there would have no end. */
  readonly anchors: Map<string, YamlNode | undefined>;
  left: number;
};

class YamlProblem extends Error {
  readonly range: TextRange;

  constructor(message: string, range: TextRange) {
    super(message);
    this.range = range;
  }
}

function parse(
  source: SourceText,
  report: (finding: Diagnostic) => void,
): AnyNode | null | undefined {
  const tooDeep = (): undefined => {
    const message = "Cannot read YAML: it is nested too deeply";
    report(diagnosticAt(source, [0, 1], { code: "HV1001", severity: "error", message }));
  };
  try {
    const document = parseDocument(source.text, {
      schema: "failsafe",
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "error",
    });
    if (document.errors.some(({ message }) => message.includes("call stack"))) return tooDeep();
    for (const error of document.errors) {
      const range: TextRange = [error.pos[0], Math.max(error.pos[1], error.pos[0] + 1)];
      const why = error.code === "MULTIPLE_DOCS" ? "there is a second document" : error.message;
      const message = `Cannot read YAML: ${why}`;
      report(diagnosticAt(source, range, { code: "HV1001", severity: "error", message }));
    }
    return document.errors.length > 0 ? undefined : document.contents;
  } catch (error) {
    // The parser recurses: brackets nested by the thousand end its stack.
    if (!(error instanceof RangeError)) throw error;
    return tooDeep();
  }
}

function readNode(node: AnyNode | null, reader: Reader, depth: number): YamlNode {
  const range = rangeOf(node);
  reader.left -= 1;
  if (reader.left < 0) throw new YamlProblem("Cannot read YAML: its aliases make too much", range);
  if (depth > deepest) throw new YamlProblem("Cannot read YAML: it is nested too deeply", range);
  if (isAlias(node)) return readAlias(node.source, range, reader);
  const anchor = node !== null && "anchor" in node ? node.anchor : undefined;
  if (anchor !== undefined) reader.anchors.set(anchor, undefined);
  const value = readContent(node, range, reader, depth);
  if (anchor !== undefined) reader.anchors.set(anchor, value);
  return value;
}

function readContent(
  node: AnyNode | null,
  range: TextRange,
  reader: Reader,
  depth: number,
): YamlNode {
  if (isMap(node))
    return readMap(node.items as Pair<AnyNode, AnyNode | null>[], range, reader, depth);
  if (isSeq(node)) {
    const items = node.items.map((item) => readNode(item as AnyNode | null, reader, depth + 1));
    return { kind: "list", range, items };
  }
  if (!isScalar(node)) return { kind: "null", range };
  const value = node.source ?? "";
  if (node.type === "PLAIN" && /^(?:~|null|Null|NULL|)$/.test(value))
    return { kind: "null", range };
  return { kind: "text", range, value };
}

function readAlias(name: string, range: TextRange, reader: Reader): YamlNode {
  const target = reader.anchors.get(name);
  if (target === undefined) {
    const why = reader.anchors.has(name)
      ? "it stands inside what it names"
      : "there is no such anchor";
    throw new YamlProblem(`Cannot resolve alias "*${name}": ${why}`, range);
  }
  reader.left -= countNodes(target, reader.left);
  if (reader.left < 0) throw new YamlProblem("Cannot read YAML: its aliases make too much", range);
  return target;
}

function readMap(
  pairs: readonly Pair<AnyNode, AnyNode | null>[],
  range: TextRange,
  reader: Reader,
  depth: number,
): YamlNode {
  const entries = new Map<string, YamlEntry>();
  const merged: YamlNode[] = [];
  for (const pair of pairs) {
    const keyRange = rangeOf(pair.key);
    const key = readNode(pair.key, reader, depth + 1);
    if (key.kind === "map" || key.kind === "list") {
      throw new YamlProblem("Cannot read YAML: a key must be text", keyRange);
    }
    const name = key.kind === "null" ? "" : key.value;
    if (name === "__proto__") throw new YamlProblem(`Cannot use "${name}" as a key`, keyRange);
    const value = readNode(pair.value, reader, depth + 1);
    if (name === "<<") merged.push(value);
    else if (entries.has(name)) reportDuplicate(name, keyRange, entries, reader);
    else entries.set(name, { key: keyRange, value });
  }
  for (const value of merged) mergeInto(entries, value);
  return { kind: "map", range, entries };
}

// YAML 1.1's merge key, which Go's YAML library has on: what is written wins over what is merged.
function mergeInto(entries: Map<string, YamlEntry>, value: YamlNode): void {
  const maps = value.kind === "list" ? value.items : [value];
  for (const map of maps) {
    if (map.kind !== "map") {
      throw new YamlProblem('Cannot merge with "<<": expected a map, or a list of maps', map.range);
    }
    for (const [name, entry] of map.entries) if (!entries.has(name)) entries.set(name, entry);
  }
}

function reportDuplicate(
  name: string,
  range: TextRange,
  entries: ReadonlyMap<string, YamlEntry>,
  { source, report }: Reader,
): void {
  const first = entries.get(name);
  const related =
    first === undefined
      ? undefined
      : [
          diagnosticAt(source, first.key, {
            code: "HV1002",
            severity: "error",
            message: "first here",
          }),
        ];
  const message = `Duplicate key "${name}"`;
  report(diagnosticAt(source, range, { code: "HV1002", severity: "error", message, related }));
}

function countNodes(node: YamlNode, limit: number): number {
  let count = 1;
  const children =
    node.kind === "map"
      ? [...node.entries.values()].map((entry) => entry.value)
      : node.kind === "list"
        ? node.items
        : [];
  for (const child of children) {
    if (count > limit) return count;
    count += countNodes(child, limit - count);
  }
  return count;
}

function rangeOf(node: AnyNode | null): TextRange {
  const range = node?.range;
  return range == null ? [0, 1] : [range[0], Math.max(endOf(node, range[1]), range[0] + 1)];
}

// The parser counts what stands behind the last value on its line to a map or list without brackets.
function endOf(node: AnyNode | null, end: number): number {
  if (!(isMap<AnyNode, AnyNode | null>(node) || isSeq<AnyNode>(node))) return end;
  const last = node.items.at(-1);
  if (last === undefined || node.flow === true) return end;
  const child = "key" in last ? (last.value ?? last.key) : last;
  return child.range == null ? end : endOf(child, child.range[1]);
}
