/** Offsets into the file's text. */
export type TextRange = readonly [start: number, end: number];

/** A YAML value with its place; aliases and merge keys are resolved, scalars are their source text. */
export type YamlNode =
  | {
      readonly kind: "map";
      readonly range: TextRange;
      readonly entries: ReadonlyMap<string, YamlEntry>;
    }
  | { readonly kind: "list"; readonly range: TextRange; readonly items: readonly YamlNode[] }
  | { readonly kind: "text"; readonly range: TextRange; readonly value: string }
  | { readonly kind: "null"; readonly range: TextRange };

export type YamlEntry = { readonly key: TextRange; readonly value: YamlNode };

/** The same data without places, for a schema to check. */
export function toPlainData(node: YamlNode): unknown {
  if (node.kind === "null") return null;
  if (node.kind === "text") return node.value;
  if (node.kind === "list") return node.items.map((item) => toPlainData(item));
  const data: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) data[key] = toPlainData(entry.value);
  return data;
}

/** The range at `path`; the nearest one above it when there is nothing at `path`. */
export function rangeAt(node: YamlNode, path: readonly PropertyKey[]): TextRange {
  let current = node;
  for (const step of path) {
    const next = childOf(current, step);
    if (next === undefined) break;
    current = next;
  }
  return current.range;
}

/** The range of the key that `path` ends in; the value's when it is a list item. */
export function keyRangeAt(node: YamlNode, path: readonly PropertyKey[]): TextRange {
  let current = node;
  let range = node.range;
  for (const step of path) {
    const next = childOf(current, step);
    if (next === undefined) break;
    range = current.kind === "map" ? (current.entries.get(String(step))?.key ?? range) : next.range;
    current = next;
  }
  return range;
}

function childOf(node: YamlNode, step: PropertyKey): YamlNode | undefined {
  if (node.kind === "map") return node.entries.get(String(step))?.value;
  if (node.kind === "list") return node.items[Number(step)];
  return undefined;
}
