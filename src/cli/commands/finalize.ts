import { renderTable } from "../../base/render-table.ts";
import { finalizeRegistry } from "../../finalize/finalize-registry.ts";
import { finalizeStore } from "../../finalize/finalize-store.ts";
import type { Finalized } from "../../finalize/finalized.ts";
import { wantedReferences } from "../../finalize/wanted-references.ts";
import { shortDigest } from "../../progress/short-digest.ts";
import type { App } from "../app.ts";
import { defineCommand } from "../define-command.ts";
import { findTargetRegistry } from "../find-target-registry.ts";
import { openProject } from "../project/open-project.ts";
import { openStore } from "../open-store.ts";
import { hostPlatform, planSelection, selectionFlags } from "../project/plan-project.ts";
import { printJson } from "../print-json.ts";
import { readBuildId } from "../read-build-id.ts";
import { connectionFlags } from "../registry/connection-flags.ts";
import { credentialFlags } from "../registry/credential-flags.ts";
import { dockerMediaTypes } from "../registry/docker-media-types.ts";
import { openRemote } from "../registry/open-remote.ts";
import { refuseProduction } from "../registry/refuse-production.ts";

export const finalizeCommand = defineCommand({
  args: {
    patterns: selectionFlags.patterns,
    registry: {
      type: "string",
      valueHint: "address",
      description:
        "Put together what is at this registry, host[:port][/path] or a name of hive.yml, not what is in the store",
    },
    ...connectionFlags,
    ...credentialFlags,
    "dry-run": { type: "boolean", description: "Only say what would be named" },
    json: { type: "boolean", description: "Print the names as JSON" },
  },
  async run(app, args) {
    const project = await openProject(app, args);
    const plan = await planSelection(app, project, { _: args._ }, hostPlatform());
    const buildId = readBuildId(args["build-id"], plan);
    const dryRun = args["dry-run"] === true;
    const wanted = wantedReferences(plan);
    const target = findTargetRegistry(app, args.registry, project);
    if (target !== undefined) refuseProduction(target, project);
    let finalized: Finalized[];
    if (target === undefined) {
      using layout = await openStore(app, args.project);
      finalized = await finalizeStore(layout, wanted, { select: args._, buildId, dryRun });
    } else {
      const { prefix } = target;
      const part = { repository: prefix || undefined };
      const registry = await openRemote(app, args, target.address, part);
      const options = {
        prefix,
        select: args._,
        buildId,
        dockerMediaTypes: dockerMediaTypes(project, registry.host),
        dryRun,
      };
      finalized = await finalizeRegistry(registry, wanted, options);
    }
    if (args.json === true) printJson(app.stdout, finalized);
    else app.stdout.write(renderFinalized(app, finalized, dryRun));
  },
});

function renderFinalized({ stdout }: App, names: readonly Finalized[], dryRun: boolean): string {
  const { paint } = stdout.look;
  const heading = ["NAME", "STANDS FOR", "DIGEST", ""].map((cell) => paint.bold(cell));
  const rows = names.map(({ name, of, platforms, digest, changed }) => [
    name,
    of ?? platforms.join(", "),
    paint.dim(shortDigest(digest)),
    changed ? (dryRun ? "would be named" : "named") : "as before",
  ]);
  return `${renderTable([heading, ...rows]).join("\n")}\n`;
}
