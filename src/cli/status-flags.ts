import type { ArgsDef } from "citty";
import { selectionFlags } from "./project/plan-project.ts";

/** The flags of commands that tell what a build would do. */
export const statusFlags = {
  ...selectionFlags,
  json: { type: "boolean", description: "Print it as JSON" },
  "exit-code": { type: "boolean", description: "Exit with 3 unless everything is unchanged" },
} as const satisfies ArgsDef;
