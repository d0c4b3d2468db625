import { parsePlatform, type Platform } from "../oci/platform.ts";
import type { Setting, Settings, Values } from "./project.ts";
import { keyPlace, reportAt, valuePlace, type YamlFile, type YamlPath } from "./yaml/yaml-file.ts";

/** A map of the user's names with the places of its keys. */
export function readSettings(
  file: YamlFile,
  path: YamlPath,
  data: Readonly<Record<string, string>>,
): Settings {
  return new Map(
    Object.entries(data).map(([name, value]): [string, Setting] => [
      name,
      { value, place: keyPlace(file, [...path, name]) },
    ]),
  );
}

/** A list of text with the places of its items. */
export function readSettingList(
  file: YamlFile,
  path: YamlPath,
  data: readonly string[],
): readonly Setting[] {
  return data.map((value, index) => ({ value, place: valuePlace(file, [...path, index]) }));
}

type RawValues = Readonly<Record<"versions" | "build_args" | "labels", Record<string, string>>>;

/** The three maps that the image, a tag and a variant have. */
export function readValues(file: YamlFile, path: YamlPath, data: RawValues): Values {
  return {
    versions: readSettings(file, [...path, "versions"], data.versions),
    buildArgs: readSettings(file, [...path, "build_args"], data.build_args),
    labels: readSettings(file, [...path, "labels"], data.labels),
  };
}

/** The platforms at `path`, each once; wrong ones are reported. */
export function readPlatforms(
  file: YamlFile,
  path: YamlPath,
  data: readonly string[],
): readonly Platform[] {
  const platforms = new Map<string, Platform>();
  for (const [index, written] of data.entries()) {
    try {
      const platform = parsePlatform(written);
      platforms.set(JSON.stringify(platform), platform);
    } catch (error) {
      const { message } = error as SyntaxError;
      reportAt(file, [...path, index], { code: "HV1013", message });
    }
  }
  return [...platforms.values()];
}
