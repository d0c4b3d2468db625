import { jsonSchema, type SchemaName } from "../../../src/project/schema/json-schema.ts";

type Schema = {
  readonly anyOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
};

/** A place in a file where a value may stand. */
export type SchemaPlace = {
  /** `tags.0.name`; keys of the user's are `x1`. */
  readonly path: string;
  readonly kind: "map" | "list" | "text" | "choice" | "text or list";
  /** Whether its keys are hive's own. */
  readonly isClosed: boolean;
  /** A file as JSON, which is YAML, valid but for `value` (YAML in flow style) here. */
  readonly fileWith: (value: string) => { readonly text: string; readonly offset: number };
  /** A file with one more key here. */
  readonly fileWithKey: (key: string) => { readonly text: string; readonly offset: number };
};

/** Every place of a file, as its schema has them. */
export function schemaPlaces(name: SchemaName): SchemaPlace[] {
  const root = JSON.parse(jsonSchema(name)) as Schema;
  return placesIn(root, root, []);
}

type Path = readonly (string | number)[];

function placesIn(root: Schema, schema: Schema, path: Path): SchemaPlace[] {
  const shapes = shapesOf(schema);
  const [shape = {}] = shapes;
  const { properties, additionalProperties, items } = shape;
  const place: SchemaPlace = {
    path: path.join("."),
    kind: kindOf(shapes),
    isClosed: additionalProperties === false,
    fileWith: (value) => splice(fileWith(root, path, mark), JSON.stringify(mark), value),
    fileWithKey: (key) => {
      const own = { ...(sample(schema) as object), [mark]: 1 };
      return splice(fileWith(root, path, own), JSON.stringify(mark), key);
    },
  };
  const below = Object.entries(properties ?? {}).flatMap(([key, value]) =>
    placesIn(root, value, [...path, key]),
  );
  if (additionalProperties) below.push(...placesIn(root, additionalProperties, [...path, "x1"]));
  if (items !== undefined) below.push(...placesIn(root, items, [...path, 0]));
  return [place, ...below];
}

const mark = "@@";

function splice(file: unknown, from: string, to: string): { text: string; offset: number } {
  const text = JSON.stringify(file, undefined, 1);
  return { text: text.replace(from, to), offset: text.indexOf(from) };
}

// What a schema allows besides null, and besides a variable.
function shapesOf(schema: Schema): Schema[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((part) => shapesOf(part));
  return schema.type === "null" || schema.pattern === String.raw`\$\{` ? [] : [schema];
}

function kindOf(shapes: readonly Schema[]): SchemaPlace["kind"] {
  const [shape = {}, other] = shapes;
  if (other !== undefined) return "text or list";
  if (shape.type === "object") return "map";
  if (shape.type === "array") return "list";
  return shape.enum === undefined && shape.pattern === undefined ? "text" : "choice";
}

/** The file that has `value` at `path` and besides that only what must be there. */
function fileWith(schema: Schema, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const [{ properties, additionalProperties, items } = {}] = shapesOf(schema);
  if (typeof step === "number") return [fileWith(items ?? {}, rest, value)];
  const inner = properties?.[step] ?? (additionalProperties || {});
  return { ...(sample(schema) as object), [step]: fileWith(inner, rest, value) };
}

function sample(schema: Schema): unknown {
  const [{ type, enum: choices, pattern, required, properties, items } = {}] = shapesOf(schema);
  if (type === "array") return [sample(items ?? {})];
  if (type === "object") {
    // An image without a tag is an error.
    const keys = [...(required ?? []), ...(properties?.["tags"] ? ["tags"] : [])];
    return Object.fromEntries(keys.map((key) => [key, sample(properties?.[key] ?? {})]));
  }
  if (choices !== undefined) return choices.at(-1);
  return pattern?.includes("device") ? "device" : pattern === undefined ? "x1" : "1";
}
