import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Diagnostic } from "../../../src/base/diagnostic.ts";
import { createSourceText } from "../../../src/base/source-text.ts";
import { decode } from "../../../src/project/yaml/decode.ts";
import { readYaml } from "../../../src/project/yaml/read-yaml.ts";
import { imageSchema } from "../../../src/project/schema/image-schema.ts";

const pieces = [
  "tags",
  "name",
  "variants",
  "build_args",
  "labels",
  "x",
  ": ",
  ":",
  "- ",
  "\n",
  "\n",
  "\n  ",
  "\n    ",
  "[",
  "]",
  "{",
  "}",
  ", ",
  "&a ",
  "*a",
  "<<: *a",
  "? ",
  "| \n",
  "> \n",
  "'",
  '"',
  "~",
  "1.10",
  "# c\n",
  "---\n",
  "...\n",
  "!!str ",
  "!!map ",
  "!x ",
  "\t",
  "%YAML 1.1\n",
  "__proto__",
  "constructor",
  "é",
  "\u0000",
  "\ufeff",
  "\r\n",
];

test("readYaml() and decode() take any text: what is wrong is a finding with a place", async () => {
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 30 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, fc.string({ unit: "binary" })), async (written) => {
      const findings: Diagnostic[] = [];
      const report = (finding: Diagnostic): void => void findings.push(finding);
      const source = createSourceText("image.yml", written);
      const node = await readYaml(source, report);
      const data = node && decode(imageSchema, { node, source, report });
      expect(data !== undefined || findings.length > 0).toBe(true);
      for (const { place } of findings) {
        expect(place.line).toBeGreaterThan(0);
        expect(place.line).toBeLessThanOrEqual(written.split("\n").length);
      }
    }),
    { numRuns: 3000 },
  );
}, 60_000);
