import type { z } from "zod";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { SourceText } from "../base/source-text.ts";
import { testSchema } from "./schema/test-schema.ts";
import { decode } from "./yaml/decode.ts";
import { readYaml } from "./yaml/read-yaml.ts";

/** test.yml: structure tests of an image. */
export type StructureTests = z.output<typeof testSchema>;

/**
 * Reads structure tests, which may be what a template gave; every finding goes to `report`, with its place in `source`.
 * Undefined after an error. `lenient` makes unknown keys warnings.
 */
export async function readTest(
  source: SourceText,
  report: (finding: Diagnostic) => void,
  { lenient = false }: { readonly lenient?: boolean } = {},
): Promise<StructureTests | undefined> {
  const node = await readYaml(source, report);
  return node && decode(testSchema, { node, source, report, lenient });
}
