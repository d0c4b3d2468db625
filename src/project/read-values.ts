import type { Diagnostic, Place } from "../base/diagnostic.ts";
import { diagnosticAt, placeAt, type SourceText } from "../base/source-text.ts";
import { parsePlatform, type Platform } from "../oci/platform.ts";
import type { Setting, Settings, Values } from "./project.ts";
import { keyRangeAt, rangeAt, type YamlNode } from "./yaml-node.ts";

type Path = readonly (string | number)[];
/** A file of the project, hive.yml or an image.yml. */
type Located = { readonly source: SourceText; readonly node: YamlNode };

/** The place of the value at `path`. */
export function valuePlace({ source, node }: Located, path: Path): Place {
  const [start, end] = rangeAt(node, path);
  return placeAt(source, start, end);
}

/** A map of the user's names with the places of its keys. */
export function readSettings(
  located: Located,
  path: Path,
  data: Readonly<Record<string, string>>,
): Settings {
  return new Map(
    Object.entries(data).map(([name, value]): [string, Setting] => {
      const [start, end] = keyRangeAt(located.node, [...path, name]);
      return [name, { value, place: placeAt(located.source, start, end) }];
    }),
  );
}

type RawValues = Readonly<Record<"versions" | "build_args" | "labels", Record<string, string>>>;

/** The three maps that the image, a tag and a variant have. */
export function readValues(located: Located, path: Path, data: RawValues): Values {
  return {
    versions: readSettings(located, [...path, "versions"], data.versions),
    buildArgs: readSettings(located, [...path, "build_args"], data.build_args),
    labels: readSettings(located, [...path, "labels"], data.labels),
  };
}

/** The platforms at `path`, each once; wrong ones go to `report`. */
export function readPlatforms(
  located: Located,
  path: Path,
  { data, report }: { data: readonly string[]; report: (finding: Diagnostic) => void },
): Platform[] {
  const platforms = new Map<string, Platform>();
  for (const [index, written] of data.entries()) {
    try {
      const platform = parsePlatform(written);
      platforms.set(JSON.stringify(platform), platform);
    } catch (error) {
      const range = rangeAt(located.node, [...path, index]);
      const message = (error as SyntaxError).message;
      report(diagnosticAt(located.source, range, { code: "HV1013", severity: "error", message }));
    }
  }
  return [...platforms.values()];
}
