import { within } from "../../oci/within.ts";
import type { Plan } from "../../plan/plan.ts";

/** Repository -> the tags that a project declares for it, aliases included. */
export function declaredTags(
  { targets, aliases }: Pick<Plan, "targets" | "aliases">,
  prefix: string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const tags = new Map<string, Set<string>>();
  for (const name of [
    ...targets.map(({ reference }) => reference),
    ...aliases.map(({ alias }) => alias),
  ]) {
    const colon = name.lastIndexOf(":");
    const repository = within(prefix, name.slice(0, colon));
    const own = tags.get(repository) ?? new Set<string>();
    tags.set(repository, own.add(name.slice(colon + 1)));
  }
  return tags;
}
