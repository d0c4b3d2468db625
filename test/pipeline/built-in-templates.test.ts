import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { builtInTemplates } from "../../src/pipeline/built-in-templates.ts";
import { knownOptions } from "../../src/pipeline/known-options.ts";
import { providers } from "../../src/pipeline/pipeline.ts";
import { providerFiles } from "../../src/pipeline/provider-files.ts";

const directory = join(import.meta.dir, "../../src/pipeline/templates");

test("every template in the source is built in, under its own name", async () => {
  for (const provider of providers) {
    const files = new Map<string, string>();
    for (const part of ["shared", provider]) {
      for (const file of await readdir(join(directory, part))) {
        files.set(file.replace(/\.gotpl$/, ""), await Bun.file(join(directory, part, file)).text());
      }
    }
    expect(new Map(Object.entries(builtInTemplates[provider]))).toEqual(files);
    expect(Object.keys(builtInTemplates[provider]).filter((name) => !name.startsWith("_"))).toEqual(
      expect.arrayContaining(providerFiles[provider].map(({ template }) => template)),
    );
  }
});

test("docs/pipelines.md tells of every option", async () => {
  const text = await Bun.file(join(import.meta.dir, "../../docs/pipelines.md")).text();
  const options = [...knownOptions([], { platforms: [] })];
  expect(options.length).toBeGreaterThan(15);
  expect(options.filter((option) => !text.includes(`\`${option}\``))).toEqual([]);
});
