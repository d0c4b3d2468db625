import { defineCommand } from "../define-command.ts";
import { planProject, selectionFlags } from "../plan-project.ts";
import { showPlan } from "../show-plan.ts";

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
    const isDone = await showPlan(app, await planProject(app, args), args.json === true);
    return args["exit-code"] === true && !isDone ? 3 : 0;
  },
});
