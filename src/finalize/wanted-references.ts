import type { Platform } from "../oci/platform.ts";
import type { Plan } from "../plan/plan.ts";

/** A reference whose name is to stand for all of its platforms. */
export type WantedReference = {
  /** `base`. */
  readonly repository: string;
  /** The tag with the variant's suffix. */
  readonly tag: string;
  /** `base:1.0`. */
  readonly reference: string;
  /** What the project lists; where it lists none, the one that the plan was made for. */
  readonly platforms: readonly Platform[];
  /** Those that the project lists: several make an index. */
  readonly listed: readonly Platform[];
  /** Tags that are to stand for the same. */
  readonly aliases: readonly string[];
};

/** The references that a plan was asked for, in its order, with their aliases. */
export function wantedReferences({ targets, aliases }: Plan): WantedReference[] {
  return plannedReferences({ targets: targets.filter(({ requested }) => requested), aliases });
}

/** All references of a plan, also those that are there because others need them. */
export function plannedReferences({
  targets,
  aliases,
}: Pick<Plan, "targets" | "aliases">): WantedReference[] {
  const aliasesOf = Map.groupBy(aliases, ({ reference }) => reference);
  return [...Map.groupBy(targets, ({ reference }) => reference)].flatMap(([reference, those]) => {
    const [first] = those;
    if (first === undefined) return [];
    const { name: repository, tag, listedPlatforms: listed } = first;
    const platforms = those.map(({ platform }) => platform);
    const tags = (aliasesOf.get(reference) ?? []).map(({ alias }) =>
      alias.slice(repository.length + 1),
    );
    return [{ repository, tag, reference, platforms, listed, aliases: tags }];
  });
}
