import type { CommandEntry } from "./command-table.ts";

/** `hive dev ...`, in the order in which help shows them. */
export const devCommands: readonly CommandEntry[] = [
  {
    name: "du",
    description: "Show what BuildKit's cache holds",
    load: async () => (await import("./commands/dev/du.ts")).devDuCommand,
  },
  {
    name: "prune",
    description: "Remove what no build needs now from BuildKit's cache",
    load: async () => (await import("./commands/dev/prune.ts")).devPruneCommand,
  },
];
