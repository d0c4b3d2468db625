import { HiveError } from "../base/hive-error.ts";
import { lockable } from "../lock/update-pins.ts";
import type { Plan } from "../plan/plan.ts";
import { detectCi } from "../progress/terminal.ts";
import type { Project } from "../project/project.ts";
import { lockFileName } from "../project/read-lock.ts";
import type { App } from "./app.ts";

/**
 * Tells which external images hive.lock does not pin: a warning where there is a hive.lock, an error when it is frozen.
 * @param frozen default: in CI, where there is a hive.lock
 * @throws HiveError "usage"
 */
export function checkPins(
  app: App,
  plan: Plan,
  { pins }: Project,
  frozen: boolean = pins !== undefined && detectCi(app.env) !== undefined,
): void {
  if (pins === undefined && !frozen) return;
  const missing = lockable(plan).filter((reference) => !pins?.has(reference));
  if (missing.length === 0) return;
  const message = `${lockFileName} does not pin ${missing.join(", ")}`;
  if (!frozen) {
    app.log.warn(`${message}: run \`hive lock\``);
    return;
  }
  throw new HiveError("usage", `Cannot build: ${message}`, {
    hint: `Run \`hive lock\` and check in ${lockFileName}, or pass --no-frozen.`,
  });
}
