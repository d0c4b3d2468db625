import { nearHint } from "../../base/closest.ts";
import { HiveError } from "../../base/hive-error.ts";
import type { Candidate } from "../../distribute/promote/plan-promotion.ts";
import { within } from "../../oci/within.ts";
import { globPattern, isGlob } from "../../plan/glob-pattern.ts";
import type { Plan } from "../../plan/plan.ts";
import { withBuildId } from "../../plan/with-build-id.ts";
import { readReference } from "../registry/read-reference.ts";

type CandidateOptions = {
  readonly plan: Pick<Plan, "targets" | "aliases">;
  /** What stands before the names of images at the registry they come from, and at that where they go. */
  readonly from: string;
  readonly to: string;
  /** Whether aliases go along. */
  readonly aliases: boolean;
  /** Goes into tags where they come from: what is promoted is no build of a pipeline any more. */
  readonly buildId: string | undefined;
};

/**
 * The images that patterns stand for: `app:1.2.3`, which the project may have had once, and globs and names over those that
 * it has.
 * @throws HiveError "usage" for a pattern of nothing
 */
export function findCandidates(
  patterns: readonly string[],
  { plan, from, to, aliases, buildId }: CandidateOptions,
): Candidate[] {
  const known = [...new Set(plan.targets.map(({ reference }) => reference))];
  const wanted = new Set(patterns.flatMap((pattern) => expand(pattern, known)));
  return [...wanted].map((reference): Candidate => {
    const colon = reference.lastIndexOf(":");
    const [name, tag] = [reference.slice(0, colon), reference.slice(colon + 1)];
    const own = aliases ? plan.aliases.filter((alias) => alias.reference === reference) : [];
    return {
      from: { repository: within(from, name), tag: withBuildId(tag, buildId) },
      to: {
        repository: within(to, name),
        tag,
        aliases: own.map(({ alias }) => {
          const short = alias.slice(alias.lastIndexOf(":") + 1);
          return { tag: short, from: withBuildId(short, buildId) };
        }),
      },
    };
  });
}

function expand(pattern: string, known: readonly string[]): readonly string[] {
  const isName = !isGlob(pattern) && !pattern.slice(pattern.lastIndexOf("/") + 1).includes(":");
  if (!isGlob(pattern) && !isName) {
    const { registry, repository, tag, digest } = readReference(pattern, undefined);
    if (registry === undefined && digest === undefined && tag !== undefined)
      return [`${repository}:${tag}`];
    throw new HiveError("usage", `Cannot promote "${pattern}"`, {
      hint: "Write name:tag; --from says at which registry it is.",
    });
  }
  const matches = isName
    ? known.filter((reference) => reference.startsWith(`${pattern}:`))
    : known.filter((reference) => globPattern(pattern).test(reference));
  if (matches.length > 0) return matches;
  const names = known.map((reference) => reference.slice(0, reference.lastIndexOf(":")));
  throw new HiveError("usage", `No image of the project is called "${pattern}"`, {
    hint: nearHint(pattern, isName ? names : known) ?? "`hive plan` shows what there is.",
  });
}
