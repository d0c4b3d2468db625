import type { TransferAction } from "./transfer-event.ts";

const words = {
  push: { now: "pushing", past: "pushed" },
  copy: { now: "copying", past: "copied" },
  import: { now: "importing", past: "imported" },
  promote: { now: "promoting", past: "promoted" },
  mirror: { now: "mirroring", past: "mirrored" },
} as const satisfies Record<TransferAction, { readonly now: string; readonly past: string }>;

/** What a transfer does and has done, as verbs. */
export function actionWords(action: TransferAction = "copy"): {
  readonly now: string;
  readonly past: string;
} {
  return words[action];
}
