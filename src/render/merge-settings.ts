import type { BuildSettings, Settings } from "../project/project.ts";

/** Settings of several layers as one: later layers win, name by name. */
export function mergeSettings(layers: readonly Settings[]): Settings {
  const [first = none, ...others] = layers.filter(({ size }) => size > 0);
  // Most have them in one place only.
  if (others.length === 0) return first;
  const merged = new Map(first);
  for (const layer of others) for (const [name, setting] of layer) merged.set(name, setting);
  return merged;
}

const none: Settings = new Map();

/** Settings of an image, a tag and a variant as one, key by key: later layers win. Contexts are merged name by name. */
export function mergeBuildSettings(layers: readonly BuildSettings[]): BuildSettings {
  let merged: BuildSettings | undefined;
  for (const layer of layers) merged = merged === undefined ? layer : { ...merged, ...layer };
  return { ...merged, contexts: mergeSettings(layers.map(({ contexts }) => contexts)) };
}
