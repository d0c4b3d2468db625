import { printable } from "../../../base/printable.ts";
import { applyPrune, planPrune } from "../../../distribute/prune/plan-prune.ts";
import { shortDigest } from "../../../progress/short-digest.ts";
import type { App } from "../../app.ts";
import { defineCommand } from "../../define-command.ts";
import { declaredTags } from "../../distribute/declared-tags.ts";
import { findRepositories } from "../../distribute/find-repositories.ts";
import { openPruneTarget } from "../../distribute/open-prune-target.ts";
import { type PrunedRepository, prunedRepository } from "../../distribute/pruned-repository.ts";
import { retentionRules } from "../../distribute/retention-rules.ts";
import { printJson } from "../../print-json.ts";
import { printTable } from "../../print-table.ts";
import { hostPlatform, planSelection } from "../../project/plan-project.ts";
import { projectHere } from "../../project/project-here.ts";
import { registryFlags } from "../../registry/open-remote.ts";

export const registryPruneCommand = defineCommand({
  args: {
    repositories: {
      type: "positional",
      required: false,
      valueHint: "repository...",
      description: "Only these, as app or 'team/*' (default: all that the registry has)",
    },
    ...registryFlags,
    registry: {
      ...registryFlags.registry,
      valueHint: "registry",
      description:
        "A name of hive.yml, or host[:port][/path] (default: the one that runs on this machine)",
    },
    "keep-last": {
      type: "string",
      valueHint: "number",
      description: "Keep so many images of a repository, the newest (default: as hive.yml says)",
    },
    "max-age": {
      type: "string",
      valueHint: "span",
      description: "Keep what is younger, as 14d (default: as hive.yml says)",
    },
    "dry-run": { type: "boolean", description: "Only say what would be deleted" },
    json: { type: "boolean", description: "Print what was deleted, and what was kept, as JSON" },
  },
  async run(app, args) {
    const project = await projectHere(app, args);
    const target = await openPruneTarget(app, args, project);
    const rules = retentionRules(target.named, args);
    const declared =
      project === undefined
        ? new Map<string, ReadonlySet<string>>()
        : declaredTags(await planSelection(app, project, { _: [] }, hostPlatform()), target.prefix);
    const repositories = await findRepositories(args._, target, project);
    const now = Date.now();
    const pruned: PrunedRepository[] = [];
    let unsure: string | undefined;
    try {
      for (const repository of repositories) {
        const plan = await planPrune(target.registry, repository, {
          rules,
          now,
          declared: declared.get(repository) ?? new Set(),
        });
        if (args["dry-run"] === true) {
          pruned.push(prunedRepository(plan, undefined));
        } else {
          const gone = new Set<string>();
          try {
            for await (const { reference } of applyPrune(target.registry, plan))
              gone.add(reference);
          } finally {
            pruned.push(prunedRepository(plan, gone));
          }
        }
        const guessed = plan.groups.find(
          ({ time, keptBy }) => time?.from === "built" && keptBy !== "declared",
        );
        unsure ??= guessed && `${repository}:${guessed.tags[0] ?? ""}`;
      }
    } finally {
      // What was deleted before something went wrong is deleted all the same.
      print(app, args, pruned, unsure);
    }
  },
});

function print(
  app: App,
  {
    json,
    "dry-run": dryRun,
  }: { readonly json?: boolean | undefined; readonly "dry-run"?: boolean | undefined },
  pruned: readonly PrunedRepository[],
  unsure: string | undefined,
): void {
  const all = pruned.flatMap(({ repository, images }) =>
    images.map((image) => ({ repository, ...image })),
  );
  const going = all.filter(({ status }) => status !== "kept");
  const deleted = going.filter(({ status }) => status !== "left");
  if (unsure !== undefined) {
    app.log.warn(
      `The registry does not tell when ${printable(unsure)} was pushed, and maybe others: what counts is when they were built`,
    );
  }
  if (json === true) printJson(app.stdout, pruned);
  else if (going.length > 0) {
    const { paint } = app.stdout.look;
    printTable(app, [
      ["REPOSITORY", "TAGS", "DIGEST", "TIME", ""],
      ...going.map(({ repository, tags, digest, time = "", status }) => [
        printable(repository),
        printable(tags.join(" ")),
        paint.dim(shortDigest(digest)),
        time.slice(0, 16).replace("T", " "),
        status,
      ]),
    ]);
  }
  const kept = all.length - deleted.length;
  const verb = dryRun === true ? "Would delete" : "Deleted";
  const images = deleted.length === 1 ? "image" : "images";
  app.log.info(`${verb} ${deleted.length} ${images}, ${kept} ${kept === 1 ? "stays" : "stay"}`);
  if (deleted.length > 0 && dryRun !== true) {
    app.log.info(
      "Their space is free once the registry has collected garbage: for one of hive's, `hive registry gc --untagged 1h`",
    );
  }
}
