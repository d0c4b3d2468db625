import type { Diagnostic, Place } from "../../base/diagnostic.ts";
import { diagnosticAt, placeAt, type SourceText } from "../../base/source-text.ts";
import { keyRangeAt, rangeAt, type YamlNode } from "./yaml-node.ts";

/** A YAML file of the project. Secrets in the source are stars: it is what findings quote. */
export type YamlFile = {
  readonly source: SourceText;
  readonly node: YamlNode;
  readonly report: (finding: Diagnostic) => void;
};

/** Where a value is: names of keys and numbers of list items. */
export type YamlPath = readonly (string | number)[];

type Finding = Omit<Diagnostic, "place" | "lineText" | "severity"> & {
  readonly severity?: Diagnostic["severity"];
};

/** Reports a finding at the value at `path`, or at the file's begin; an error unless it says otherwise. */
export function reportAt(file: YamlFile, path: YamlPath, finding: Finding): void {
  file.report(findingAt(file, path, finding));
}

/** The finding that `reportAt()` would report. */
export function findingAt(
  { source, node }: Pick<YamlFile, "source" | "node">,
  path: YamlPath,
  finding: Finding,
): Diagnostic {
  const range = path.length === 0 ? ([0, 1] as const) : rangeAt(node, path);
  return diagnosticAt(source, range, { severity: "error", ...finding });
}

/** The place of the value at `path`. */
export function valuePlace({ source, node }: YamlFile, path: YamlPath): Place {
  const [start, end] = rangeAt(node, path);
  return placeAt(source, start, end);
}

/** The place of the key that `path` ends in. */
export function keyPlace({ source, node }: YamlFile, path: YamlPath): Place {
  const [start, end] = keyRangeAt(node, path);
  return placeAt(source, start, end);
}
