import { errorKind, exitCodeOf, HiveError } from "../../base/hive-error.ts";
import { printable } from "../../base/printable.ts";
import { planPromotion, type Promotion } from "../../distribute/promote/plan-promotion.ts";
import { defineCommand } from "../define-command.ts";
import { carryOutPromotions } from "../distribute/carry-out-promotions.ts";
import { findCandidates } from "../distribute/find-candidates.ts";
import { findPromotionRoute } from "../distribute/find-promotion-route.ts";
import { printPromotions } from "../distribute/print-promotions.ts";
import { type PromotionOutcome, promotionRow } from "../distribute/promotion-row.ts";
import { openProject } from "../project/open-project.ts";
import { hostPlatform, planSelection } from "../project/plan-project.ts";
import { readBuildId } from "../read-build-id.ts";
import { openSide, sideFlags } from "../registry/open-side.ts";
import { transferFlags } from "../transfer/transfer-flags.ts";

export const promoteCommand = defineCommand({
  args: {
    images: {
      type: "positional",
      required: true,
      valueHint: "image...",
      description:
        "app:1.2.3, or all of the project that a name or glob means, as app or 'app:1.*'",
    },
    from: {
      type: "string",
      valueHint: "registry",
      description: "Where it is: a name of hive.yml (default: what the other one is promoted from)",
    },
    to: {
      type: "string",
      valueHint: "registry",
      description: "Where it goes: a name of hive.yml (default: the one of role prod)",
    },
    aliases: {
      type: "boolean",
      default: true,
      negativeDescription: "Set the image's own tag only, not its aliases",
    },
    replace: {
      type: "boolean",
      description: "Let a tag stand for another image than before",
    },
    ...sideFlags,
    ...transferFlags,
  },
  async run(app, args) {
    const project = await openProject(app, args);
    const route = findPromotionRoute(app, project, args);
    const plan = await planSelection(app, project, { _: [] }, hostPlatform());
    const candidates = findCandidates(args._, {
      plan,
      from: route.from.prefix,
      to: route.to.prefix,
      aliases: args.aliases,
      buildId: readBuildId(args["build-id"]),
    });
    const from = await openSide(app, args, "src", route.from.address);
    const to = await openSide(app, args, "dest", route.to.address);
    const promotions = await planPromotion(candidates, {
      from,
      to,
      require: route.require,
      replace: args.replace === true,
    });
    const hosts = { from: from.host, to: to.host };
    const print = (outcomes: readonly PromotionOutcome[]): void =>
      printPromotions(
        app,
        args,
        outcomes.map((outcome) => promotionRow(outcome, hosts)),
      );
    const refused = promotions.filter(({ refusals }) => refusals.length > 0);
    if (refused.length > 0) {
      print(
        promotions.map((promotion) => {
          const status = promotion.refusals.length > 0 ? "refused" : "passed";
          return { promotion, status };
        }),
      );
      throw gateClosed(refused, { from: route.from.name, to: route.to.name });
    }
    const outcomes = await carryOutPromotions(app, args, promotions, { from, to });
    print(outcomes);
    const failure = outcomes.find(({ error }) => error !== undefined)?.error;
    return failure === undefined ? 0 : exitCodeOf(errorKind(failure));
  },
});

function gateClosed(
  refused: readonly Promotion[],
  { from, to }: { readonly from: string; readonly to: string },
): HiveError {
  const lines = refused.map(
    ({ from: { repository, tag }, refusals }) => `${repository}:${tag}: ${refusals.join("; ")}`,
  );
  const isMissing = refused.every(({ digest }) => digest === undefined);
  return new HiveError(
    isMissing ? "failed" : "policy",
    `Cannot promote from "${from}" to "${to}":\n  ${lines.map(printable).join("\n  ")}`,
    {
      hint: isMissing
        ? `Nothing was promoted. \`hive registry tags ${from}/${refused[0]?.from.repository}\` shows what there is.`
        : "Nothing was promoted. Attach what is missing to the image where it is, delete reports that no longer count, or give the new image a tag of its own.",
    },
  );
}
