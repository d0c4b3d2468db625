import type { CommandEntry } from "./command-table.ts";

/** `hive registry ...`, in the order in which help shows them. */
export const registryCommands: readonly CommandEntry[] = [
  {
    name: "config",
    description: "Print what docker, podman, containerd or buildkit need to be told of a registry",
    load: async () => (await import("./commands/registry/config.ts")).registryConfigCommand,
  },
];
