import { HiveError } from "../../base/hive-error.ts";
import { isPinnable } from "../../inputs/pin-contexts.ts";
import { lockable } from "../../lock/update-pins.ts";
import { imagePrefix } from "../../plan/context-value.ts";
import type { Plan } from "../../plan/plan.ts";
import { detectCi } from "../../progress/terminal.ts";
import type { Project } from "../../project/project.ts";
import { lockFileName } from "../../project/read-lock.ts";
import type { App } from "../app.ts";

/**
 * Tells which external images hive.lock does not pin, or pins without effect: a warning where there is a hive.lock, an
 * error when it is frozen.
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
  const message = `${lockFileName} does not pin ${missing.join(", ")}`;
  const hidden = hiddenByStages(plan);
  if (!frozen) {
    if (missing.length > 0) app.log.warn(`${message}: run \`hive lock\``);
    for (const what of hidden) app.log.warn(`${what}: give the stage another name`);
    return;
  }
  if (missing.length > 0) {
    throw new HiveError("usage", `Cannot build: ${message}`, {
      hint: `Run \`hive lock\` and check in ${lockFileName}, or pass --no-frozen.`,
    });
  }
  if (hidden.length > 0) {
    throw new HiveError("usage", `Cannot build: ${hidden.join("; ")}`, {
      hint: "Give the stage another name, or pass --no-frozen.",
    });
  }
}

/** Where a stage's name keeps the pin of the image from having an effect, once for each file. */
function hiddenByStages({ targets }: Plan): string[] {
  const told = targets.flatMap((target) =>
    lockable({ targets: [target] })
      .filter((reference) => !isPinnable(reference, target))
      // A context of the user's own is pinned where it is passed on.
      .filter(
        (reference) =>
          !Object.values(target.settings.contexts).includes(`${imagePrefix}${reference}`),
      )
      .map(
        (reference) =>
          `${lockFileName} can't pin ${reference} in "${target.dockerfile.file}", where a stage has the image's name`,
      ),
  );
  return [...new Set(told)];
}
