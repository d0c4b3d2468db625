import type { ArgsDef } from "citty";

/** Flags that every command takes, before or after its name. */
export const globalFlags = {
  project: {
    type: "string",
    alias: ["p", "C"],
    valueHint: "directory",
    description: "Project directory (default: the nearest one upwards with a hive.yml)",
  },
  "build-id": {
    type: "string",
    valueHint: "id",
    description: "Goes into the names of images, base:1.0-build.ID, for builds side by side",
  },
  lenient: {
    type: "boolean",
    description: "Unknown keys in the project's files are warnings, not errors",
  },
  "impure-templates": {
    type: "boolean",
    description: "Lets templates read the environment and make random values",
  },
  color: {
    type: "enum",
    options: ["auto", "always", "never"],
    default: "auto",
    valueHint: "when",
    description: "Colour: auto, always or never",
  },
  "log-level": {
    type: "enum",
    options: ["error", "warn", "info", "debug"],
    default: "info",
    valueHint: "level",
    description: "How much hive says of itself: error, warn, info or debug",
  },
  help: { type: "boolean", alias: "h", description: "Show help" },
  version: { type: "boolean", description: "Show hive's version" },
} as const satisfies ArgsDef;
