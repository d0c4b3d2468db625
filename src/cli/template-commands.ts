import type { CommandEntry } from "./command-table.ts";

/** `hive template ...`, in the order in which help shows them. */
export const templateCommands: readonly CommandEntry[] = [
  {
    name: "ci",
    description: "Write the pipeline that builds the project on GitHub, GitLab or Buildkite",
    load: async () => (await import("./commands/template/ci.ts")).templateCiCommand,
  },
  {
    name: "custom",
    description: "Render templates of your own with what pipelines are made of",
    load: async () => (await import("./commands/template/custom.ts")).templateCustomCommand,
  },
];
