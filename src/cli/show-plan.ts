import { renderTable } from "../base/render-table.ts";
import type { TargetStatus } from "../inputs/target-status.ts";
import { planLevels } from "../plan/plan-levels.ts";
import type { Plan } from "../plan/plan.ts";
import type { App } from "./app.ts";
import { groupPlatforms } from "./group-platforms.ts";
import { namedByBuild, pushedName } from "./pushed-names.ts";
import type { PushPlace } from "./registry/open-push.ts";
import { printJson } from "./print-json.ts";
import { projectStatuses } from "./project/project-statuses.ts";
import { summarizeStatus } from "./render-status.ts";

// Of more rows than these, what a build would do nothing about is left out.
const manyRows = 50;

type ShowOptions = {
  readonly json: boolean;
  /** Where the build would push. */
  readonly push: Pick<PushPlace, "place"> | undefined;
  readonly buildId: string | undefined;
};

/**
 * Prints what a build of the plan would do with each target, in which step, and why. Neither a daemon nor a registry is asked.
 * @returns whether there is nothing to do
 */
export async function showPlan(
  app: App,
  plan: Plan,
  { json, push, buildId }: ShowOptions,
): Promise<boolean> {
  // What is not pinned is told as that.
  const statuses = await projectStatuses(plan, async () => undefined);
  const levels = planLevels(plan);
  const isDone = [...statuses.values()].every(({ status }) => status === "unchanged");
  if (json) {
    const targets = plan.targets.map((target) => {
      const { status, key, changes, reasons } = statuses.get(target.id) ?? {};
      const pushed = push === undefined ? {} : { pushed: pushedName(push, target, buildId) };
      const level = levels.get(target.id);
      return { ...target, level, status, key, changes, reasons, ...pushed };
    });
    const names = push === undefined ? {} : { names: namedByBuild(push, plan, buildId) };
    printJson(app.stdout, { ...plan, targets, ...names });
    return isDone;
  }
  printTable(app, plan, { statuses, levels });
  if (push !== undefined) printPushed(app, plan, push, buildId);
  return isDone;
}

function printTable(
  { stdout }: App,
  { targets }: Plan,
  {
    statuses,
    levels,
  }: {
    readonly statuses: ReadonlyMap<string, TargetStatus>;
    readonly levels: ReadonlyMap<string, number>;
  },
): void {
  const rows = groupPlatforms(
    targets.map((target) => {
      const status = statuses.get(target.id);
      const shown = {
        step: String(levels.get(target.id) ?? ""),
        why: status === undefined ? "" : summarizeStatus(status, target.platform),
        needs: [...new Set(target.dependencies.map(({ target: id }) => id.split(" ")[0]))],
      };
      return { target, shown };
    }),
  );
  const shown =
    rows.length > manyRows ? rows.filter(({ shown: { why } }) => why !== "unchanged") : rows;
  const { paint, glyphs } = stdout.look;
  const { ellipsis } = glyphs;
  const shrink = [2, 4, 3, 1];
  const table = [
    ["STEP", "IMAGE", "PLATFORM", "WHY", "NEEDS"].map((cell) => paint.bold(cell)),
    ...shown.map(({ reference, platforms, shown: { step, why, needs } }) => [
      step,
      reference,
      platforms,
      why,
      needs.join(", "),
    ]),
  ];
  const unchanged = [...statuses.values()].filter(({ status }) => status === "unchanged").length;
  const total = `${targets.length - unchanged} of ${targets.length} to build`;
  const hidden = shown.length < rows.length ? `, ${unchanged} unchanged not shown` : "";
  const lines = [
    ...(shown.length > 0
      ? [...renderTable(table, { columns: stdout.width, shrink, ellipsis }), ""]
      : []),
    `${total}${hidden}`,
  ];
  stdout.write(`${lines.join("\n")}\n`);
}

/** What is there already is pushed as little as it is built: the build looks at the registry for that. */
function printPushed(
  { stdout }: App,
  plan: Plan,
  push: Pick<PushPlace, "place">,
  buildId: string | undefined,
): void {
  const names = [
    ...plan.targets.map((target) => pushedName(push, target, buildId)),
    ...namedByBuild(push, plan, buildId).map(({ name, of }) =>
      of === undefined ? name : `${name} (alias of ${of})`,
    ),
  ];
  const shown = names.slice(0, manyRows);
  const more = names.length - shown.length;
  stdout.write(`\nTo be pushed, where ${push.place} does not have it from the same inputs:\n`);
  stdout.write(shown.map((name) => `  ${name}\n`).join(""));
  if (more > 0) stdout.write(`  and ${more} more; --json has all\n`);
}
