import type { CommandEntry, CommandGroup } from "./command-table.ts";

/** `hive registry ...`, in the order in which help shows them. */
export const registryCommands: readonly (CommandEntry | CommandGroup)[] = [
  {
    name: "start",
    description: "Start a registry on this machine",
    load: async () => (await import("./commands/registry/start.ts")).registryStartCommand,
  },
  {
    name: "stop",
    description: "Stop it, once pushes under way have ended",
    load: async () => (await import("./commands/registry/stop.ts")).registryStopCommand,
  },
  {
    name: "status",
    description: "Show where it runs, and what it has",
    load: async () => (await import("./commands/registry/status.ts")).registryStatusCommand,
  },
  {
    name: "logs",
    description: "Show what a registry in the background has said",
    load: async () => (await import("./commands/registry/logs.ts")).registryLogsCommand,
  },
  {
    name: "gc",
    description: "Remove what no image needs",
    load: async () => (await import("./commands/registry/gc.ts")).registryGcCommand,
  },
  {
    name: "list",
    description: "List the repositories of a registry",
    load: async () => (await import("./commands/registry/list.ts")).registryListCommand,
  },
  {
    name: "catalog",
    description: "Print the names of a registry's repositories",
    load: async () => (await import("./commands/registry/catalog.ts")).registryCatalogCommand,
  },
  {
    name: "tags",
    description: "Print the tags of a repository",
    load: async () => (await import("./commands/registry/tags.ts")).registryTagsCommand,
  },
  {
    name: "inspect",
    description: "Show what an image in a registry consists of",
    load: async () => (await import("./commands/registry/inspect.ts")).registryInspectCommand,
  },
  {
    name: "push",
    description: "Push built images under tags made from time, commit, branch or version",
    load: async () => (await import("./commands/registry/push.ts")).registryPushCommand,
  },
  {
    name: "import",
    description: "Copy an image from any registry into this one",
    load: async () => (await import("./commands/registry/import.ts")).registryImportCommand,
  },
  {
    name: "copy",
    description: "Copy images from one registry to another",
    load: async () => (await import("./commands/registry/copy.ts")).registryCopyCommand,
  },
  {
    name: "delete",
    description: "Delete tags and images",
    load: async () => (await import("./commands/registry/delete.ts")).registryDeleteCommand,
  },
  {
    name: "prune",
    description: "Delete old images by rules of retention",
    load: async () => (await import("./commands/registry/prune.ts")).registryPruneCommand,
  },
  {
    name: "config",
    description: "Print what docker, podman, containerd or buildkit need to be told of a registry",
    load: async () => (await import("./commands/registry/config.ts")).registryConfigCommand,
  },
  {
    name: "trust",
    description: "Make docker, podman and the system trust a registry's certificate authority",
    load: async () => (await import("./commands/registry/trust.ts")).registryTrustCommand,
  },
  {
    name: "user",
    description: "Say who may use a registry, and what for",
    commands: [
      {
        name: "add",
        description: "Add a user, or change what one may do or their password",
        load: async () => (await import("./commands/registry/user/add.ts")).registryUserAddCommand,
      },
      {
        name: "remove",
        description: "Remove a user",
        load: async () =>
          (await import("./commands/registry/user/remove.ts")).registryUserRemoveCommand,
      },
      {
        name: "list",
        description: "List the users and what they may do",
        load: async () =>
          (await import("./commands/registry/user/list.ts")).registryUserListCommand,
      },
    ],
  },
];
