import type { ArgsDef } from "citty";
import { displayModes } from "../../progress/display-mode.ts";

/** Flags of all commands that bring images from place to place. */
export const transferFlags = {
  parallel: {
    type: "string",
    default: "6",
    valueHint: "number",
    description: "How many blobs move at a time",
  },
  "dry-run": { type: "boolean", description: "Only say what would be done" },
  progress: {
    type: "enum",
    options: [...displayModes],
    valueHint: "mode",
    description: "auto, tty, plain, rawjson, quiet or none",
  },
  json: { type: "boolean", description: "Print what was done as JSON" },
} as const satisfies ArgsDef;

export type TransferFlags = {
  readonly parallel: string;
  readonly "dry-run"?: boolean | undefined;
  readonly progress?: string | undefined;
  readonly json?: boolean | undefined;
};
