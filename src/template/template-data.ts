import { dict, int, list, type Struct, type Value } from "./value.ts";

/** What templates are given. A bigint is an int, a number is a float64; maps have text keys. */
export type TemplateData =
  | null
  | boolean
  | string
  | number
  | bigint
  | readonly TemplateData[]
  | ReadonlyMap<string, TemplateData>
  | { readonly [name: string]: TemplateData };

/** The root of a template's data: each name is a field, and there are no others. */
export type TemplateRoot = { readonly [name: string]: TemplateData };

/** A copy of `data` as values: a template that changes a map changes only its own. */
export function importRoot(root: TemplateRoot): Struct {
  const names = Object.keys(root).toSorted();
  return { kind: "struct", fields: new Map(names.map((name) => [name, importData(root[name])])) };
}

function importData(data: TemplateData | undefined): Value {
  if (data === undefined || data === null) return null;
  if (typeof data === "bigint") return int(data);
  if (typeof data !== "object") return data;
  if (Array.isArray(data)) return list(data.map((item: TemplateData) => importData(item)));
  const entries = data instanceof Map ? [...data] : Object.entries(data as TemplateRoot);
  return dict(entries.map(([key, value]: [string, TemplateData]) => [key, importData(value)]));
}
