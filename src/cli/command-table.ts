import type { CommandDef } from "citty";

/** A command as help lists it; its module loads only when it is run or asked about. */
export type CommandEntry = {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<CommandDef>;
};

/** Every command of hive, in the order in which help shows them. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "build",
    description: "Build images and everything they build on",
    load: async () => (await import("./commands/build.ts")).buildCommand,
  },
  {
    name: "plan",
    description: "Show what would be built, in which order",
    load: async () => (await import("./commands/plan.ts")).planCommand,
  },
  {
    name: "graph",
    description: "Show which image builds on which",
    load: async () => (await import("./commands/graph.ts")).graphCommand,
  },
  {
    name: "list",
    description: "List the images that were built",
    load: async () => (await import("./commands/list.ts")).listCommand,
  },
  {
    name: "export",
    description: "Write a built image to an archive",
    load: async () => (await import("./commands/export.ts")).exportCommand,
  },
  {
    name: "load",
    description: "Load a built image into a Docker Engine",
    load: async () => (await import("./commands/load.ts")).loadCommand,
  },
];
