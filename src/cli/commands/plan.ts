import { renderTable } from "../../base/render-table.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { planLevels } from "../../plan/plan-levels.ts";
import { defineCommand } from "../define-command.ts";
import { planProject, selectionFlags } from "../plan-project.ts";
import { projectStatuses } from "../project-statuses.ts";
import { summarizeStatus } from "../render-status.ts";

export const planCommand = defineCommand({
  args: {
    ...selectionFlags,
    json: { type: "boolean", description: "Print the plan as JSON" },
    "exit-code": {
      type: "boolean",
      description: "Exit with 3 unless everything is unchanged",
    },
  },
  async run(app, args) {
    const plan = await planProject(app, args);
    // Registries are not asked: what is not pinned is told as that.
    const statuses = await projectStatuses(plan, async () => undefined);
    const levels = planLevels(plan);
    const isDone = [...statuses.values()].every(({ status }) => status === "unchanged");
    const code = args["exit-code"] === true && !isDone ? 3 : 0;
    if (args.json === true) {
      const targets = plan.targets.map((target) => {
        const { status, key, changes, reasons } = statuses.get(target.id) ?? {};
        return { ...target, level: levels.get(target.id), status, key, changes, reasons };
      });
      app.stdout.write(`${JSON.stringify({ ...plan, targets }, undefined, 2)}\n`);
      return code;
    }
    const { paint } = app.stdout.look;
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
    const heading = ["STEP", "IMAGE", "PLATFORM", "WHY", "NEEDS"].map((cell) => paint.bold(cell));
    app.stdout.write(`${renderTable([heading, ...rows]).join("\n")}\n`);
    return code;
  },
});
