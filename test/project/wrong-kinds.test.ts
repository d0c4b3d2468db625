import { describe, expect, test } from "bun:test";
import { Ajv } from "ajv";
import { parse } from "yaml";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { HiveError } from "../../src/base/hive-error.ts";
import { createSourceText, placeAt } from "../../src/base/source-text.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { jsonSchema, schemaNames, type SchemaName } from "../../src/project/schema/json-schema.ts";
import { tempProject } from "../support/temp-project.ts";
import { schemaPlaces, type SchemaPlace } from "./support/schema-places.ts";

const fileOf: Readonly<Record<SchemaName, string>> = {
  hive: "hive.yml",
  image: "images/app/image.yml",
  test: "images/app/test.yml",
};

// `x1` is what a sample has for a name: of a tag, a variant, a directory.
const around = {
  "hive.yml": "",
  "images/app/image.yml": "tags: [{ name: 1 }]\n",
  "images/app/Dockerfile": "FROM scratch\n",
  "images/app/x1/Dockerfile": "FROM scratch\n",
};

const wrong: Readonly<Record<SchemaPlace["kind"], readonly string[]>> = {
  map: ["text", "[a, list]", "1.5"],
  list: ["text", "{ a: map }", "true"],
  text: ["{ a: map }", "[a, list]"],
  choice: ["no such choice", "{ a: map }", "[a, list]"],
  "text or list": ["no such choice", "{ a: map }", "[{ a: map }]"],
};

async function findings(
  file: string,
  text: string,
  lenient: boolean,
): Promise<readonly Diagnostic[]> {
  await using project = await tempProject({ ...around, [file]: text });
  try {
    const loaded = await loadProject(project.root, { environment: {}, lenient });
    return loaded.warnings;
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    return error.diagnostics;
  }
}

for (const name of schemaNames) {
  const file = fileOf[name];
  const validate = new Ajv({ strictTypes: false }).compile(JSON.parse(jsonSchema(name)) as object);
  const places = schemaPlaces(name);

  describe(`${file}, for every key that its schema has`, () => {
    test("a value of a wrong kind is an error at its place, for hive and for the schema", async () => {
      for (const { path, kind, fileWith } of places) {
        for (const value of wrong[kind]) {
          const { text, offset } = fileWith(value);
          const { line, column } = placeAt(createSourceText(file, text), offset);
          const found = await findings(file, text, false);
          const errors = found.filter(({ severity }) => severity === "error");
          const shown = errors.map(({ place }) => `${place.file}:${place.line}:${place.column}`);
          expect([path, value, ...shown]).toEqual([path, value, `${file}:${line}:${column}`]);
          expect([path, value, validate(parse(text))]).toEqual([path, value, false]);
        }
      }
    }, 60_000);

    test("an unknown key is an error at its place, and a warning with lenient", async () => {
      for (const { path, isClosed, fileWithKey } of places) {
        if (!isClosed) continue;
        const { text, offset } = fileWithKey("zzzz");
        const { line, column } = placeAt(createSourceText(file, text), offset);
        for (const lenient of [false, true]) {
          const found = await findings(file, text, lenient);
          expect(found.map(({ code, severity, place }) => [path, code, severity, place])).toEqual([
            [path, "HV1003", lenient ? "warning" : "error", { file, line, column, length: 4 }],
          ]);
        }
        expect([path, validate(parse(text))]).toEqual([path, false]);
      }
    }, 60_000);

    test("a file without the key it needs is refused, by hive and by the schema alike", async () => {
      for (const { path, kind, fileWith } of places) {
        if (kind !== "map") continue;
        const { text } = fileWith("{}");
        const found = await findings(file, text, false);
        const isMissing = found.some(({ code }) => code === "HV1005");
        // That an image has a tag at all is no matter of the schema.
        const ofSchema = found.some(({ message }) => message.startsWith("Missing key"));
        expect([path, validate(parse(text))]).toEqual([path, !(isMissing && ofSchema)]);
      }
    });
  });
}
