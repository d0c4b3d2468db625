import { printable } from "../../base/printable.ts";
import { resolveBase } from "../../lock/resolve-base.ts";
import { resolveAll } from "../../lock/update-pins.ts";
import { baseRegistries } from "../base-registries.ts";
import { defineCommand } from "../define-command.ts";
import { openProject } from "../project/open-project.ts";
import { selectionFlags } from "../project/plan-project.ts";
import { plannedExternals } from "../project/planned-externals.ts";
import { printJson } from "../print-json.ts";
import { printTable } from "../print-table.ts";

export const outdatedCommand = defineCommand({
  args: {
    patterns: selectionFlags.patterns,
    json: { type: "boolean", description: "Print it as JSON" },
    "exit-code": {
      type: "boolean",
      description: "Exit with 3 when something is outdated",
    },
  },
  async run(app, args) {
    const project = await openProject(app, args);
    const open = baseRegistries(app);
    const latest = await resolveAll(
      await plannedExternals(app, project, args._),
      async (reference) => resolveBase(reference, open),
    );
    const outdated = [...latest].flatMap(([reference, digest]) => {
      const pinned = project.pins?.get(reference);
      if (pinned === digest) return [];
      return [{ reference, ...(pinned === undefined ? {} : { pinned }), latest: digest }];
    });
    if (args.json === true) printJson(app.stdout, outdated);
    else if (outdated.length === 0) app.stdout.write("Everything is up to date\n");
    else {
      const rows = outdated.map(({ reference, pinned = "not pinned", latest: digest }) => [
        printable(reference),
        pinned,
        digest,
      ]);
      printTable(app, [["REFERENCE", "PINNED", "LATEST"], ...rows]);
    }
    return args["exit-code"] === true && outdated.length > 0 ? 3 : 0;
  },
});
