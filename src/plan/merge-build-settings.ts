import type { BuildSettings } from "../project/project.ts";
import { mergeSettings } from "./merge-settings.ts";

/** Settings of an image, a tag and a variant as one, key by key: later layers win. Contexts are merged name by name. */
export function mergeBuildSettings(layers: readonly BuildSettings[]): BuildSettings {
  let merged: BuildSettings | undefined;
  for (const layer of layers) merged = merged === undefined ? layer : { ...merged, ...layer };
  return { ...merged, contexts: mergeSettings(layers.map(({ contexts }) => contexts)) };
}
