import type { z } from "zod";
import { contextKind } from "./context-kind.ts";
import { present } from "./present.ts";
import type { BuildSettings } from "./project.ts";
import { readSettingList, readSettings } from "./read-values.ts";
import type { imageSchema } from "./schema/image-schema.ts";
import { reportAt, valuePlace, type YamlFile, type YamlPath } from "./yaml/yaml-file.ts";

type BuildData = Pick<
  z.output<typeof imageSchema>,
  "target" | "contexts" | "ssh" | "no_cache" | "pull" | "network" | "entitlements"
>;

/** The keys that say how BuildKit is to build an image, a tag or a variant. */
export function readBuildSettings(file: YamlFile, path: YamlPath, data: BuildData): BuildSettings {
  const at = (key: string): YamlPath => [...path, key];
  const { target, ssh, entitlements, no_cache: noCache } = data;
  checkContexts(file, at("contexts"), data.contexts);
  for (const [index, agent] of (ssh ?? []).entries()) {
    if (/^[\w.-]+(?:=\/.+)?$/.test(agent)) continue;
    reportAt(file, [...at("ssh"), index], {
      code: "HV1022",
      message: `Cannot use "${agent}" as an SSH agent: expected default, or ID=/PATH/OF/SOCKET`,
    });
  }
  return present({
    target: target ? { value: target, place: valuePlace(file, at("target")) } : undefined,
    contexts: readSettings(file, at("contexts"), data.contexts),
    ssh: ssh && readSettingList(file, at("ssh"), ssh),
    noCache: Array.isArray(noCache) ? readSettingList(file, at("no_cache"), noCache) : noCache,
    pull: data.pull,
    network: data.network ?? undefined,
    entitlements: entitlements
      ? readSettingList(file, at("entitlements"), entitlements)
      : undefined,
  });
}

// Whether a directory is there, and inside of the project, is check-context-directories.ts' work.
function checkContexts(
  file: YamlFile,
  path: YamlPath,
  contexts: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(contexts)) {
    if (contextKind(value) !== undefined && name !== "") continue;
    reportAt(file, [...path, name], {
      code: "HV1023",
      message: `Cannot use "${value}" as the context "${name}"`,
      help: "expected docker-image://REFERENCE, an http, https, git or ssh URL, __hive__/NAME:TAG, or a directory",
    });
  }
}
