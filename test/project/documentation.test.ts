import { expect, test } from "bun:test";
import { schemaNames } from "../../src/project/schema/json-schema.ts";
import { schemaPlaces } from "./support/schema-places.ts";

const document = await Bun.file("docs/project.md").text();

for (const name of schemaNames) {
  test(`docs/project.md has every key of ${name}.yml`, () => {
    const keys = schemaPlaces(name).flatMap(({ path }) => path.split("."));
    const own = new Set(keys.filter((key) => /^[a-z]\w+$/i.test(key) && key !== "x1"));
    const missing = [...own].filter((key) => !new RegExp(`\\b${key}\\b`).test(document));
    expect(missing).toEqual([]);
  });
}
