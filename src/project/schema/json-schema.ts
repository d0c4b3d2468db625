import { z } from "zod";
import { expandedKeys, hiveSchema } from "./hive-schema.ts";
import { imageSchema } from "./image-schema.ts";
import { testSchema } from "./test-schema.ts";

const schemas = {
  hive: { schema: hiveSchema, title: "hive.yml: a project of hive" },
  image: { schema: imageSchema, title: "image.yml: an image of a hive project" },
  test: { schema: testSchema, title: "test.yml: structure tests of an image" },
} as const;

export type SchemaName = keyof typeof schemas;

export const schemaNames = Object.keys(schemas) as SchemaName[];

/**
 * The JSON Schema (draft 7) of a file as text, for editors and other tools. They read `22.10` as a number and `yes` as they
 * like, where hive takes the source text: so numbers and booleans pass wherever text does.
 */
export function jsonSchema(name: SchemaName): string {
  const { schema, title } = schemas[name];
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  const root: Json = { $schema, title, ...(loosen(rest, false) as Json) };
  if (name === "hive") {
    const properties = root["properties"] as Json;
    for (const key of expandedKeys) properties[key] = loosen(properties[key], true);
  }
  return `${JSON.stringify(root, undefined, 2)}\n`;
}

type Json = Record<string, unknown>;

const variable = { type: "string", pattern: String.raw`\$\{` };

function loosen(schema: unknown, expanded: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((item) => loosen(item, expanded));
  if (typeof schema !== "object" || schema === null) return schema;
  const { examples, description, ...rest } = schema as Json;
  const loose = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, loosenKeyword(key, value, expanded)]),
  );
  return {
    ...(description === undefined ? {} : { description }),
    ...(expanded ? withVariable(loose) : loosenScalar(loose)),
    ...(examples === undefined ? {} : { examples }),
  };
}

function loosenKeyword(key: string, value: unknown, expanded: boolean): unknown {
  if (key === "enum" || key === "not" || key === "propertyNames") return value;
  if (key !== "properties") return loosen(value, expanded);
  const properties = Object.entries(value as Json);
  return Object.fromEntries(properties.map(([name, schema]) => [name, loosen(schema, expanded)]));
}

function loosenScalar(schema: Json): Json {
  const { type } = schema;
  const choices = schema["enum"];
  if (Array.isArray(choices)) {
    return choices.includes("true") ? { enum: [true, false, ...(choices as string[])] } : schema;
  }
  if (type === "string" && "pattern" in schema) {
    return new RegExp(String(schema["pattern"])).test("0")
      ? { ...schema, type: ["string", "integer"] }
      : schema;
  }
  if (type === "string") return { ...schema, type: textTypes };
  if (Array.isArray(type) && type.includes("string"))
    return { ...schema, type: [...textTypes, "null"] };
  return schema;
}

const textTypes = ["string", "number", "boolean"];

function withVariable(schema: Json): Json {
  const restricted = "enum" in schema || ("pattern" in schema && "type" in schema);
  return restricted ? { anyOf: [schema, variable] } : schema;
}
