import { describe, expect, test } from "bun:test";
import { basename, join } from "node:path";
import { Ajv } from "ajv";
import { Glob } from "bun";
import { parse } from "yaml";
import type { Diagnostic } from "../../../src/base/diagnostic.ts";
import { createSourceText } from "../../../src/base/source-text.ts";
import { decode } from "../../../src/project/yaml/decode.ts";
import { openYaml } from "../../../src/project/yaml/open-yaml.ts";
import { readHiveFile } from "../../../src/project/read-hive-file.ts";
import { readTest } from "../../../src/project/read-test.ts";
import { imageSchema } from "../../../src/project/schema/image-schema.ts";
import {
  jsonSchema,
  schemaNames,
  type SchemaName,
} from "../../../src/project/schema/json-schema.ts";

const ajv = new Ajv({ strictTypes: false });
const schemas = new Map(
  schemaNames.map((name) => [name, ajv.compile(JSON.parse(jsonSchema(name)) as object)]),
);

/** What an editor makes of YAML text, checked with the schema of that file. */
function isValid(name: SchemaName, text: string): unknown {
  return schemas.get(name)?.(parse(text, { merge: true, logLevel: "error" }) ?? {});
}

/** Whether hive reads the file, as far as its text alone tells. */
async function isRead(name: SchemaName, text: string): Promise<boolean> {
  const findings: Diagnostic[] = [];
  const report = (finding: Diagnostic): void => void findings.push(finding);
  const source = createSourceText(name, text);
  if (name === "hive") {
    const environment = { TYPE: "s3", KEEP: "2" };
    await readHiveFile(source, { root: "/", environment, report, lenient: false });
  } else if (name === "test") await readTest(source, report);
  else {
    const file = await openYaml(source, report);
    if (file !== undefined) decode(imageSchema, file);
  }
  return findings.length === 0;
}

const files = ["test/fixtures", "example"]
  .flatMap((root) => [...new Glob("**/*.{yml,yaml}").scanSync(root)].map((at) => join(root, at)))
  .filter((file) => schemaNames.some((name) => basename(file).startsWith(`${name}.y`)));

test("there are files of every kind to try the schemas with", () => {
  const kinds = new Set(files.map((file) => basename(file).split(".")[0]));
  expect(kinds).toEqual(new Set(schemaNames));
});

for (const file of files) {
  test(`${file} is what its schema describes`, async () => {
    const name = basename(file).split(".")[0] as SchemaName;
    const text = await Bun.file(file).text();
    expect([isValid(name, text), schemas.get(name)?.errors]).toEqual([true, null]);
  });
}

for (const name of schemaNames) {
  test(`schema/${name}.schema.json is what the definitions give`, async () => {
    expect(await Bun.file(`schema/${name}.schema.json`).text()).toBe(jsonSchema(name));
  });

  test(`the schema of ${name} describes every key`, () => {
    const lacking: string[] = [];
    collect(JSON.parse(jsonSchema(name)), name, lacking);
    expect(lacking).toEqual([]);
  });
}

function collect(schema: unknown, path: string, lacking: string[]): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema as Record<string, unknown>)) {
    if (key === "not") continue;
    if (key !== "properties") {
      collect(value, path, lacking);
      continue;
    }
    for (const [property, inner] of Object.entries(value as Record<string, object>)) {
      if (!("description" in inner)) lacking.push(`${path}.${property}`);
      collect(inner, `${path}.${property}`, lacking);
    }
  }
}

describe("the schemas take what hive takes", () => {
  const accepted: readonly (readonly [SchemaName, string])[] = [
    ["image", "tags: [{ name: 3.10 }, { name: 010 }, { name: 2024-01-01 }, { name: yes }]"],
    ["image", "tags: [{ name: 1, versions: { go: 1.26, a: true, b: ~, c: 1e3 } }]"],
    ["image", "tags:\nvariants:\nversions:\nsecrets:\nreport:\nlatest_alias:\nplatforms:"],
    ["image", "tags: [{ name: 1, no_cache: yes, pull: n }]"],
    ["hive", "{}"],
    ["hive", "registry: { address: localhost:5000, docker_media_types: True }"],
    ["hive", "cache: { type: '${TYPE}', bucket: b, region: r, use_path_style: '${STYLE:-no}' }"],
    ["hive", "registries: { ci: { address: a, retention: { keep_last: 3, max_age: 0 } } }"],
    ["hive", "registries: { ci: { address: a, retention: { keep_last: '${KEEP}' } } }"],
    ["test", "schemaVersion: 2.0.0\nmetadataTest: { user: 1000, exposedPorts: [80] }"],
    ["test", "schemaVersion: 2.0.0\nfileExistenceTests: [{ name: 1, path: /, uid: 0, gid: -1 }]"],
  ];
  for (const [name, text] of accepted) {
    test(`${name}: ${text}`, async () => {
      expect([await isRead(name, text), isValid(name, text)]).toEqual([true, true]);
    });
  }
});

describe("the schemas refuse what hive refuses", () => {
  const refused: readonly (readonly [SchemaName, string])[] = [
    ["hive", "platfroms: []"],
    ["hive", "cache: { bucket: b }"],
    ["hive", "cache: { type: s3, bucket: b }"],
    ["hive", "cache: { type: registry }"],
    ["hive", "cache: { type: local }"],
    ["hive", "cache: { type: redis }"],
    ["hive", "registries: { ci: { role: ci } }"],
    ["hive", "registries: { ci: { address: a, role: test } }"],
    ["hive", "registries: { ci: { address: a, retention: { keep_last: many } } }"],
    ["hive", "registries: { ci: { address: a, retention: { keep_last: 1.5 } } }"],
    ["hive", "registries: { ci: { address: a, retention: { max_age: 14 days } } }"],
    ["hive", "lint: { strict_labels: maybe }"],
    ["image", "- tags"],
    ["image", "tags: [1.0]"],
    ["image", "tags: [{ versions: { a: 1 } }]"],
    ["image", "variants: [{ name: slim }]"],
    ["image", "secrets: { A: { source: envv } }"],
    ["image", "latest_alias: { on_missing: warn, tag: latest }"],
    ["image", "entitlements: [network.hots]"],
    ["image", "network: bridge"],
    ["test", "commandTests: []"],
    ["test", "schemaVersion: 1.0.0"],
    ["test", "schemaVersion: 2.0.0\ncommandTests: [{ name: x, command: [a, b] }]"],
    ["test", "schemaVersion: 2.0.0\ncommandTests: [{ name: x, command: a, exitCode: zero }]"],
    ["test", "schemaVersion: 2.0.0\nfileExistenceTests: [{ name: x }]"],
  ];
  for (const [name, text] of refused) {
    test(`${name}: ${text}`, async () => {
      expect([await isRead(name, text), isValid(name, text)]).toEqual([false, false]);
    });
  }
});
