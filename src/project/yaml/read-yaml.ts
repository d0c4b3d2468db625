import type { Diagnostic } from "../../base/diagnostic.ts";
import type { SourceText } from "../../base/source-text.ts";
import { readPlainYaml } from "./read-plain-yaml.ts";
import type { YamlNode } from "./yaml-node.ts";

/**
 * Reads one YAML document; findings go to `report`. Undefined when there is nothing to go on with.
 * An empty file is an empty map. Of a duplicate key the first one counts.
 */
export async function readYaml(
  source: SourceText,
  report: (finding: Diagnostic) => void,
): Promise<YamlNode | undefined> {
  const plain = readPlainYaml(source.text);
  if (plain !== undefined) return plain;
  // Most projects need it for none of their files.
  const { readAnyYaml } = await import("./read-any-yaml.ts");
  return readAnyYaml(source, report);
}
