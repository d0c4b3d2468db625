import { renderTable } from "../../base/render-table.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { defineCommand } from "../define-command.ts";
import { planProject, selectionFlags } from "../plan-project.ts";

export const planCommand = defineCommand({
  args: {
    ...selectionFlags,
    json: { type: "boolean", description: "Print the plan as JSON" },
  },
  async run(app, args) {
    const plan = await planProject(app, args);
    if (args.json === true) {
      app.stdout.write(`${JSON.stringify(plan, undefined, 2)}\n`);
      return;
    }
    const { paint } = app.stdout.look;
    const rows = plan.targets.map(({ reference, platform, dockerfile, dependencies }) => [
      reference,
      formatPlatform(platform),
      dockerfile.file,
      dependencies.map(({ target }) => target.split(" ")[0]).join(", "),
    ]);
    const heading = ["IMAGE", "PLATFORM", "DOCKERFILE", "NEEDS"].map((cell) => paint.bold(cell));
    app.stdout.write(`${renderTable([heading, ...rows]).join("\n")}\n`);
  },
});
