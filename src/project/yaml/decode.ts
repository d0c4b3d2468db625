import type { z } from "zod";
import { didYouMean } from "../../base/closest.ts";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { diagnosticAt, type SourceText } from "../../base/source-text.ts";
import { keyRangeAt, rangeAt, toPlainData, type YamlNode } from "./yaml-node.ts";

export type DecodeOptions = {
  readonly node: YamlNode;
  readonly source: SourceText;
  readonly report: (finding: Diagnostic) => void;
  /** Unknown keys are left out, with a warning. */
  readonly lenient?: boolean | undefined;
};

/** Checks `node` against `schema`; every issue goes to `report`, with its place. Undefined when there was an error. */
export function decode<Schema extends z.ZodType>(
  schema: Schema,
  { node, source, report, lenient = false }: DecodeOptions,
): z.output<Schema> | undefined {
  const data = toPlainData(node);
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const severity = lenient && issue.code === "unrecognized_keys" ? "warning" : "error";
    for (const { range, ...finding } of describe(issue, schema, node)) {
      report(diagnosticAt(source, range, { severity, ...finding }));
    }
  }
  return lenient ? schema.safeParse(withoutUnknownKeys(data, result.error.issues)).data : undefined;
}

function withoutUnknownKeys(data: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    let parent = data as Record<PropertyKey, unknown>;
    for (const step of issue.path) parent = parent[step] as Record<PropertyKey, unknown>;
    for (const key of issue.keys) delete parent[key];
  }
  return data;
}

type Finding = Pick<Diagnostic, "code" | "message" | "label" | "help"> & {
  readonly range: readonly [number, number];
};

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, node: YamlNode): Finding[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(key, path, schema, node));
  }
  if (path.length > 0 && nodeAt(node, path) === undefined) return [missingKey(path, node)];
  const cannot = `Cannot read ${path.length === 0 ? "the file" : `"${formatPath(path)}"`}`;
  const range = rangeAt(node, path);
  if (issue.code === "invalid_type") {
    const message = `${cannot}: expected ${expectedName(issue.expected)}, found ${foundName(node, path)}`;
    return [{ code: "HV1004", message, range }];
  }
  if (issue.code === "invalid_value") {
    const choices = issue.values.map(String);
    // A flag may be written in other ways, too, but need not be told so.
    const values = choices.includes("true") ? ["true", "false"] : choices;
    const label = didYouMean(textAt(node, path), values);
    return [{ code: "HV1006", message: `${cannot}: expected ${values.join(", ")}`, label, range }];
  }
  return [{ code: "HV1006", message: `${cannot}: ${issue.message}`, range }];
}

function unknownKey(
  key: string,
  path: readonly PropertyKey[],
  schema: z.ZodType,
  node: YamlNode,
): Finding {
  const known = knownKeys(schema, path);
  const where = path.length === 0 ? "" : ` in "${formatPath(path)}"`;
  return {
    code: "HV1003",
    message: `Unknown key "${key}"${where}`,
    label: didYouMean(key, known),
    help: known.length === 0 ? undefined : `the keys here are ${known.join(", ")}`,
    range: keyRangeAt(node, [...path, key]),
  };
}

function missingKey(path: readonly PropertyKey[], node: YamlNode): Finding {
  const parent = path.slice(0, -1);
  const where = parent.length === 0 ? "" : ` in "${formatPath(parent)}"`;
  return {
    code: "HV1005",
    message: `Missing key "${String(path.at(-1))}"${where}`,
    range: rangeAt(node, parent),
  };
}

function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const step of path) {
    const { shape, element, valueType } = definitionOf(current);
    current = shape?.[String(step)] ?? element ?? valueType;
  }
  return Object.keys(definitionOf(current).shape ?? {});
}

type Definition = {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly innerType?: unknown;
  readonly in?: unknown;
};

// Looks through `nullish()`, `transform()` and the like to the object, array or record inside.
function definitionOf(schema: unknown): Definition {
  let definition = (schema as { def?: Definition } | undefined)?.def ?? {};
  for (let inner = innerOf(definition); inner !== undefined; inner = innerOf(definition)) {
    definition = inner;
  }
  return definition;
}

function innerOf({ innerType, in: input }: Definition): Definition | undefined {
  return ((innerType ?? input) as { def?: Definition } | undefined)?.def;
}

/** `tags[0].build_args.foo`. */
function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index > 0 ? "." : ""}${String(step)}`,
    )
    .join("");
}

function expectedName(expected: string): string {
  if (expected === "array") return "a list";
  return expected === "object" || expected === "record" ? "a map" : "text";
}

function foundName(root: YamlNode, path: readonly PropertyKey[]): string {
  const node = nodeAt(root, path);
  if (node === undefined || node.kind === "null") return "nothing";
  return node.kind === "text" ? "text" : `a ${node.kind}`;
}

function textAt(root: YamlNode, path: readonly PropertyKey[]): string {
  const node = nodeAt(root, path);
  return node?.kind === "text" ? node.value : "";
}

function nodeAt(root: YamlNode, path: readonly PropertyKey[]): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const step of path) {
    if (node?.kind === "map") node = node.entries.get(String(step))?.value;
    else if (node?.kind === "list") node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}
