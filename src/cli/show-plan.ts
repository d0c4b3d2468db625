import { renderTable } from "../base/render-table.ts";
import { formatPlatform } from "../oci/platform.ts";
import { planLevels } from "../plan/plan-levels.ts";
import type { Plan } from "../plan/plan.ts";
import type { App } from "./app.ts";
import { projectStatuses } from "./project-statuses.ts";
import { summarizeStatus } from "./render-status.ts";

/**
 * Prints what a build of the plan would do with each target, in which step, and why. Neither a daemon nor a registry is asked.
 * @returns whether there is nothing to do
 */
export async function showPlan({ stdout }: App, plan: Plan, json: boolean): Promise<boolean> {
  // What is not pinned is told as that.
  const statuses = await projectStatuses(plan, async () => undefined);
  const levels = planLevels(plan);
  const isDone = [...statuses.values()].every(({ status }) => status === "unchanged");
  if (json) {
    const targets = plan.targets.map((target) => {
      const { status, key, changes, reasons } = statuses.get(target.id) ?? {};
      return { ...target, level: levels.get(target.id), status, key, changes, reasons };
    });
    stdout.write(`${JSON.stringify({ ...plan, targets }, undefined, 2)}\n`);
    return isDone;
  }
  const rows = plan.targets.map(({ id, reference, platform, dependencies }) => {
    const status = statuses.get(id);
    return [
      String(levels.get(id) ?? ""),
      reference,
      formatPlatform(platform),
      status === undefined ? "" : summarizeStatus(status),
      [...new Set(dependencies.map(({ target }) => target.split(" ")[0]))].join(", "),
    ];
  });
  const { paint } = stdout.look;
  const heading = ["STEP", "IMAGE", "PLATFORM", "WHY", "NEEDS"].map((cell) => paint.bold(cell));
  stdout.write(`${renderTable([heading, ...rows]).join("\n")}\n`);
  return isDone;
}
