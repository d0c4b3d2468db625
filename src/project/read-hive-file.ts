import type { z } from "zod";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Environment } from "../base/environment.ts";
import type { SourceText } from "../base/source-text.ts";
import { present } from "./present.ts";
import type { Project, Setting, StandardLabel } from "./project.ts";
import { readBuildkit } from "./read-buildkit.ts";
import { readCache } from "./read-cache.ts";
import { readRegistries } from "./read-registries.ts";
import { readPlatforms, readSettings } from "./read-values.ts";
import { expandedKeys, hiveSchema } from "./schema/hive-schema.ts";
import { decode } from "./yaml/decode.ts";
import { expandNode } from "./yaml/expand-node.ts";
import { openYaml } from "./yaml/open-yaml.ts";
import { keyPlace, type YamlFile } from "./yaml/yaml-file.ts";
import type { YamlEntry, YamlNode } from "./yaml/yaml-node.ts";

type HiveFile = Omit<Project, "root" | "file" | "impureTemplates" | "images" | "pins" | "sources">;

type HiveFileOptions = {
  /** The project's directory. */
  readonly root: string;
  readonly environment: Environment;
  readonly report: (finding: Diagnostic) => void;
  readonly lenient: boolean;
};

/** Reads hive.yml; undefined after a finding that leaves nothing. */
export async function readHiveFile(
  source: SourceText,
  { root, environment, report, lenient }: HiveFileOptions,
): Promise<{ readonly settings: HiveFile; readonly source: SourceText } | undefined> {
  const written = await openYaml(source, report);
  const file = written && expand(written, environment);
  const data = file && decode(hiveSchema, { ...file, lenient });
  if (file === undefined || data === undefined) return undefined;
  const settings = present({
    platforms: readPlatforms(file, ["platforms"], data.platforms),
    buildkit: readBuildkit(file, data.buildkit),
    registry: present({
      address: data.registry?.address || undefined,
      dockerMediaTypes: data.registry?.docker_media_types,
      tagStrategy: data.registry?.tag_strategy || undefined,
    }),
    cache: data.cache ? readCache(file, data.cache, root) : undefined,
    labels: readSettings(file, ["labels", "custom"], data.labels?.custom ?? {}),
    standardLabels: readStandardLabels(file, data.labels),
    registries: readRegistries(file, data.registries),
    templateOptions: readSettings(file, ["template_options"], data.template_options),
    lint: present({
      ignored: data.lint?.ignored ?? [],
      trustedRegistries: data.lint?.trusted_registries ?? [],
      labelSchema: readSettings(file, ["lint", "label_schema"], data.lint?.label_schema ?? {}),
      strictLabels: data.lint?.strict_labels ?? false,
      failureThreshold: data.lint?.failure_threshold || undefined,
    }),
  });
  return { settings, source: file.source };
}

// `${VAR}` comes first: what a variable holds is checked like what is written.
function expand(file: YamlFile, environment: Environment): YamlFile {
  const { node, source, report } = file;
  if (node.kind !== "map") return file;
  const failed = new Set<string>();
  const keep = (finding: Diagnostic): void => {
    failed.add(placeKey(finding));
    report(finding);
  };
  const entries = [...node.entries].map(([path, entry]): [string, YamlEntry] => {
    if (!expandedKeys.some((key) => key === path)) return [path, entry];
    const value = expandNode({ ...file, report: keep }, entry.value, { path, environment });
    return [path, { ...entry, value }];
  });
  const expanded: YamlNode = { ...node, entries: new Map(entries) };
  // What has no value because its variable has none is no second finding.
  const once = (finding: Diagnostic): void => {
    if (!failed.has(placeKey(finding))) report(finding);
  };
  return { source, node: expanded, report: once };
}

function placeKey({ place }: Diagnostic): string {
  return `${place.line}:${place.column}`;
}

function readStandardLabels(
  file: YamlFile,
  data: z.output<typeof hiveSchema>["labels"],
): ReadonlyMap<StandardLabel, Setting> {
  const labels = new Map<StandardLabel, Setting>();
  for (const key of ["vendor", "authors", "url", "documentation"] as const) {
    const value = data?.[key] ?? "";
    if (value !== "") labels.set(key, { value, place: keyPlace(file, ["labels", key]) });
  }
  return labels;
}
