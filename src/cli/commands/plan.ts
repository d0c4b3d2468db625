import { defineCommand } from "../define-command.ts";
import { planProject } from "../project/plan-project.ts";
import { showPlan } from "../show-plan.ts";
import { statusFlags } from "../status-flags.ts";

export const planCommand = defineCommand({
  args: statusFlags,
  async run(app, args) {
    const isDone = await showPlan(app, await planProject(app, args), args.json === true);
    return args["exit-code"] === true && !isDone ? 3 : 0;
  },
});
