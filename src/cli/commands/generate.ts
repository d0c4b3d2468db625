import { join, resolve } from "node:path";
import { formatBytes } from "../../base/format-bytes.ts";
import { generate } from "../../generate/generate.ts";
import { renderTests } from "../../plan/render-tests.ts";
import { defineCommand } from "../define-command.ts";
import { openProject } from "../project/open-project.ts";
import { hostPlatform, planSelection, selectionFlags } from "../project/plan-project.ts";
import { printJson } from "../print-json.ts";
import { printTable } from "../print-table.ts";

export const generateCommand = defineCommand({
  args: {
    ...selectionFlags,
    output: {
      type: "string",
      alias: "o",
      valueHint: "directory",
      description: "Where to write to (default: dist in the project)",
    },
    json: { type: "boolean", description: "Print what was written as JSON" },
  },
  async run(app, args) {
    const project = await openProject(app, args);
    const plan = await planSelection(app, project, args, hostPlatform());
    const targets = plan.targets.filter(({ requested }) => requested);
    const tests = renderTests(project, targets);
    const output =
      args.output === undefined ? join(plan.root, "dist") : resolve(app.cwd, args.output);
    const written = await generate(targets, {
      output,
      testOf: ({ id }) => tests.get(id)?.source.text,
      complete: args._.length === 0 && args.platform === undefined,
    });
    const found = written.map(({ directory, ...rest }) => ({
      directory: join(output, directory),
      ...rest,
    }));
    if (args.json === true) return printJson(app.stdout, found);
    const rows = found.map(({ reference, platforms, directory, files, bytes }) => [
      reference,
      platforms.join(", "),
      String(files),
      formatBytes(bytes),
      directory,
    ]);
    const heading = ["IMAGE", "PLATFORMS", "FILES", "SIZE", "DIRECTORY"];
    printTable(app, [heading, ...rows], { align: ["left", "left", "right", "right"] });
  },
});
