import type { BuildSettings } from "../project/project.ts";
import { mergeSettings } from "./merge-settings.ts";

/** Settings of an image, a tag and a variant as one, key by key: later layers win. Contexts are merged name by name. */
export function mergeBuildSettings(layers: readonly BuildSettings[]): BuildSettings {
  const merged: BuildSettings = Object.assign({}, ...layers);
  return { ...merged, contexts: mergeSettings(layers.map(({ contexts }) => contexts)) };
}
