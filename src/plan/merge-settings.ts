import type { Settings } from "../project/project.ts";

/** Settings of several layers as one: later layers win, name by name. */
export function mergeSettings(layers: readonly Settings[]): Settings {
  return new Map(layers.flatMap((layer) => [...layer]));
}
