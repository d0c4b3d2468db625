import type { Diagnostic } from "../../base/diagnostic.ts";
import { createSourceText, type SourceText } from "../../base/source-text.ts";
import { readYaml } from "./read-yaml.ts";
import type { YamlFile } from "./yaml-file.ts";
import type { TextRange, YamlNode } from "./yaml-node.ts";

// Also what is near to the name of a key, so that a typo does not show what the key would have hidden.
const secretKey = /secret|passw|token|credential|key_id|access_key/i;

/**
 * Reads hive.yml or image.yml. No finding shows a secret: what stands below a key that sounds like one is replaced by
 * stars. Undefined after a finding that leaves nothing.
 */
export async function openYaml(
  source: SourceText,
  report: (finding: Diagnostic) => void,
): Promise<YamlFile | undefined> {
  if (!secretKey.test(source.text)) {
    const node = await readYaml(source, report);
    return node && { source, node, report };
  }
  // What is wrong as YAML, a duplicate key for one, is not in the tree as a whole: nobody knows where the secrets are.
  let isWhole = true;
  const wrong = (finding: Diagnostic): void => {
    isWhole = false;
    report(withoutText(finding));
  };
  const node = await readYaml(source, wrong);
  if (node === undefined) return undefined;
  const shown = hide(source, secretsIn(node, false));
  return { source: shown, node, report: isWhole ? report : wrong };
}

function withoutText(finding: Diagnostic): Diagnostic {
  const message = finding.message.replace(/: "[^]*$/, "");
  return { ...finding, message, lineText: undefined, related: undefined };
}

function secretsIn(node: YamlNode, below: boolean): TextRange[] {
  if (node.kind === "list") return node.items.flatMap((item) => secretsIn(item, below));
  if (node.kind === "map") {
    return [...node.entries].flatMap(([key, { value }]) =>
      secretsIn(value, key !== "source" && (below || secretKey.test(key))),
    );
  }
  // The name of a variable is no secret, and what a finding is about.
  const isSecret = below && node.kind === "text" && !/^\$\{?\w+\}?$/.test(node.value);
  return isSecret ? [node.range] : [];
}

function hide({ file, text }: SourceText, ranges: readonly TextRange[]): SourceText {
  let shown = "";
  let at = 0;
  // Anchors bring what stands above, and the same more than once.
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    if (start < at) continue;
    shown += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, "*");
    at = end;
  }
  return createSourceText(file, shown + text.slice(at));
}
