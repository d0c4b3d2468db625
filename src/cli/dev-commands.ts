import type { CommandEntry, CommandGroup } from "./command-table.ts";

/** `hive dev ...`, in the order in which help shows them. */
export const devCommands: readonly (CommandEntry | CommandGroup)[] = [
  {
    name: "buildkitd",
    description: "Run a BuildKit on this machine for who has none",
    commands: [
      {
        name: "start",
        description: "Start it, unless it runs",
        load: async () => (await import("./commands/dev/buildkitd/start.ts")).buildkitdStartCommand,
      },
      {
        name: "stop",
        description: "Stop it; its cache is kept",
        load: async () => (await import("./commands/dev/buildkitd/stop.ts")).buildkitdStopCommand,
      },
      {
        name: "status",
        description: "Show whether it runs, where and how; exits with 1 when it does not",
        load: async () =>
          (await import("./commands/dev/buildkitd/status.ts")).buildkitdStatusCommand,
      },
      {
        name: "logs",
        description: "Show what it has said",
        load: async () => (await import("./commands/dev/buildkitd/logs.ts")).buildkitdLogsCommand,
      },
    ],
  },
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
