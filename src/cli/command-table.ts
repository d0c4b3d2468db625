import type { CommandDef } from "citty";
import { devCommands } from "./dev-commands.ts";
import { registryCommands } from "./registry-commands.ts";
import { templateCommands } from "./template-commands.ts";

/** A command as help lists it; its module loads only when it is run or asked about. */
export type CommandEntry = {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<CommandDef>;
};

/** Commands under one name, `hive registry ...`. Knows of them without loading any. */
export type CommandGroup = {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly (CommandEntry | CommandGroup)[];
};

/** Every command of hive, in the order in which help shows them. */
const commands: CommandGroup["commands"] = [
  {
    name: "build",
    description: "Build images and everything they build on",
    load: async () => (await import("./commands/build.ts")).buildCommand,
  },
  {
    name: "plan",
    description: "Show what would be built, in which order, and why",
    load: async () => (await import("./commands/plan.ts")).planCommand,
  },
  {
    name: "explain",
    description: "Show what changed in images since they were built",
    load: async () => (await import("./commands/explain.ts")).explainCommand,
  },
  {
    name: "verify",
    description: "Check the project without building, or that it builds the same twice",
    load: async () => (await import("./commands/verify.ts")).verifyCommand,
  },
  {
    name: "affected",
    description: "Show which images changed since a commit, also as a CI matrix",
    load: async () => (await import("./commands/affected.ts")).affectedCommand,
  },
  {
    name: "lock",
    description: "Pin external images by digest in hive.lock",
    load: async () => (await import("./commands/lock.ts")).lockCommand,
  },
  {
    name: "outdated",
    description: "Show which pinned images have newer digests",
    load: async () => (await import("./commands/outdated.ts")).outdatedCommand,
  },
  {
    name: "graph",
    description: "Show which image builds on which",
    load: async () => (await import("./commands/graph.ts")).graphCommand,
  },
  {
    name: "generate",
    description: "Write the files that builds would get to a directory",
    load: async () => (await import("./commands/generate.ts")).generateCommand,
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
  {
    name: "push",
    description: "Bring built images to a registry",
    load: async () => (await import("./commands/push.ts")).pushCommand,
  },
  {
    name: "promote",
    description: "Bring images on to a registry that takes only what meets its conditions",
    load: async () => (await import("./commands/promote.ts")).promoteCommand,
  },
  {
    name: "finalize",
    description: "Name what was built for each platform apart, and the aliases",
    load: async () => (await import("./commands/finalize.ts")).finalizeCommand,
  },
  {
    name: "template",
    description: "Make pipelines, and other files, of the project's graph",
    commands: templateCommands,
  },
  {
    name: "schema",
    description: "Print the JSON Schema of hive.yml, image.yml or test.yml",
    load: async () => (await import("./commands/schema.ts")).schemaCommand,
  },
  {
    name: "doctor",
    description: "Check what builds need, and say how to mend it",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  {
    name: "wait",
    description: "Wait until BuildKit, and registries, answer",
    load: async () => (await import("./commands/wait.ts")).waitCommand,
  },
  {
    name: "login",
    description: "Log in to a registry, for hive, docker and podman",
    load: async () => (await import("./commands/login.ts")).loginCommand,
  },
  {
    name: "logout",
    description: "Forget what is stored for a registry",
    load: async () => (await import("./commands/logout.ts")).logoutCommand,
  },
  {
    name: "registry",
    description: "Look after registries and what is in them",
    commands: registryCommands,
  },
  {
    name: "mirror",
    description: "Look after copies of other registries' images",
    commands: [
      {
        name: "sync",
        description: "Bring what hive.yml lists to the registry that has copies of it",
        load: async () => (await import("./commands/mirror/sync.ts")).mirrorSyncCommand,
      },
    ],
  },
  {
    name: "dev",
    description: "Look after the BuildKit of this machine",
    commands: devCommands,
  },
];

/** `hive` itself: the group of all. */
export const rootGroup: CommandGroup = {
  name: "hive",
  description: "Build, store and distribute families of container images that build on each other",
  commands,
};
