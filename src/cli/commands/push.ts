import { planPush } from "../../distribute/push/plan-push.ts";
import { wantedReferences } from "../../finalize/wanted-references.ts";
import { defineCommand } from "../define-command.ts";
import { openStore } from "../open-store.ts";
import { openProject } from "../project/open-project.ts";
import { hostPlatform, planSelection, selectionFlags } from "../project/plan-project.ts";
import { readBuildId } from "../read-build-id.ts";
import { registryFlags } from "../registry/open-remote.ts";
import { openDestination } from "../transfer/open-destination.ts";
import { runTransfers } from "../transfer/run-transfers.ts";
import { transferFlags } from "../transfer/transfer-flags.ts";

export const pushCommand = defineCommand({
  args: {
    ...selectionFlags,
    to: {
      type: "string",
      valueHint: "registry",
      description:
        "Where to: a name of hive.yml, or host[:port][/path] (default: what is configured, else the registry of this machine)",
    },
    ...registryFlags,
    registry: { ...registryFlags.registry, description: "The same as --to" },
    ...transferFlags,
  },
  async run(app, args) {
    const project = await openProject(app, args);
    const plan = await planSelection(app, project, args, hostPlatform());
    const buildId = readBuildId(args["build-id"], plan);
    const asked = args.to ?? args.registry;
    const { registry: destination, prefix } = await openDestination(app, args, asked, project);
    if (project.registry.dockerMediaTypes === true) {
      app.log.warn("Images are pushed with OCI's media types, as the store has them, not Docker's");
    }
    using layout = await openStore(app, args.project);
    const options = { layout, destination, prefix, buildId, select: args._ };
    const transfers = await planPush(wantedReferences(plan), plan, options);
    return await runTransfers(app, args, "push", transfers);
  },
});
