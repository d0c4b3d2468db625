import { renderDot } from "../../plan/render-dot.ts";
import { renderGraph } from "../../plan/render-graph.ts";
import { defineCommand } from "../define-command.ts";
import { planProject, selectionFlags } from "../project/plan-project.ts";

export const graphCommand = defineCommand({
  args: {
    ...selectionFlags,
    dot: { type: "boolean", description: "Print the graph for Graphviz" },
  },
  async run(app, args) {
    const plan = await planProject(app, args);
    app.stdout.write(`${args.dot === true ? renderDot(plan) : renderGraph(plan)}\n`);
  },
});
