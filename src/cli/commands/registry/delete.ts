import { HiveError } from "../../../base/hive-error.ts";
import { applyDeletions, type Deletion, planDeletion } from "../../../remote/plan-deletion.ts";
import { writtenReference } from "../../../remote/written-reference.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { findReference } from "../../registry/find-reference.ts";
import { groupReferences } from "../../registry/group-references.ts";
import { openRemote, registryFlags } from "../../registry/open-remote.ts";
import { renderDeletion } from "../../registry/render-deletion.ts";

export const registryDeleteCommand = defineCommand({
  args: {
    references: {
      type: "positional",
      required: true,
      valueHint: "reference...",
      description: "The images, as app:1.0 or app@sha256:...",
    },
    ...registryFlags,
    "keep-manifest": {
      type: "boolean",
      description: "Delete tags only, also where nothing else needs what they stand for",
    },
    "dry-run": { type: "boolean", description: "Only say what would be deleted" },
    json: { type: "boolean", description: "Print what was deleted as JSON" },
  },
  async run(app, args) {
    const dryRun = args["dry-run"] === true;
    const deleted: Deletion[] = [];
    const missing: string[] = [];
    try {
      const found = await Promise.all(args._.map((text) => findReference(app, args, text)));
      for (const group of groupReferences(found)) {
        const { address, repository } = group;
        const registry = await openRemote(app, args, address, { repository });
        const plan = await planDeletion(registry, repository, group.references, {
          keepManifest: args["keep-manifest"] === true,
        });
        missing.push(...plan.missing.map((reference) => writtenReference(repository, reference)));
        const done = dryRun ? plan.deletions : applyDeletions(registry, plan.deletions);
        for await (const deletion of done) {
          deleted.push(deletion);
          if (args.json !== true) app.stdout.write(`${renderDeletion(deletion, dryRun)}\n`);
          if (deletion.manifest === "deleted" && deletion.neededBy.length > 0)
            app.log.warn(`${deletion.neededBy.join(", ")} needed ${deletion.digest}`);
        }
      }
    } finally {
      // What was deleted before something went wrong is deleted all the same.
      if (args.json === true) printJson(app.stdout, deleted);
    }
    if (missing.length > 0) {
      throw new HiveError("failed", `There is no ${missing.join(", no ")}`, {
        hint: "`hive registry tags NAME` shows what there is.",
      });
    }
  },
});
