/** Which way content goes in a step that is about a build cache; undefined for all other steps. The names are the daemon's. */
export function cacheDirection(step: string): "import" | "export" | undefined {
  if (step.startsWith("importing cache manifest from ")) return "import";
  return step.startsWith("exporting cache to ") ? "export" : undefined;
}
