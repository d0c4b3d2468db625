import { defineCommand } from "../define-command.ts";
import { openProject } from "../project/open-project.ts";
import { hostPlatform, planSelection } from "../project/plan-project.ts";
import { readBuildId } from "../read-build-id.ts";
import { findPush, pushFlags } from "../registry/open-push.ts";
import { showPlan } from "../show-plan.ts";
import { statusFlags } from "../status-flags.ts";

export const planCommand = defineCommand({
  args: { ...statusFlags, ...pushFlags },
  async run(app, args) {
    const project = await openProject(app, args);
    const push = findPush(app, args, project);
    const plan = await planSelection(app, project, args, hostPlatform());
    const buildId = readBuildId(args["build-id"], plan);
    const isDone = await showPlan(app, plan, { json: args.json === true, push, buildId });
    return args["exit-code"] === true && !isDone ? 3 : 0;
  },
});
