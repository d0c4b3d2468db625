import { shellWord } from "../base/shell-word.ts";
import { plannedReferences, type WantedReference } from "../finalize/wanted-references.ts";
import { formatPlatform } from "../oci/platform.ts";
import { platformTag } from "../plan/platform-tag.ts";
import type { Plan, Target } from "../plan/plan.ts";
import { withBuildId } from "../plan/with-build-id.ts";
import type { App } from "./app.ts";
import type { PushPlace } from "./registry/open-push.ts";

type Place = Pick<PushPlace, "place" | "flag">;

/** `registry.example.com/team/base:1.0.linux-amd64`: what the image of a target is pushed as. */
export function pushedName(
  { place }: Pick<Place, "place">,
  { name, tag, platform }: Target,
  buildId: string | undefined,
): string {
  return `${place}/${name}:${platformTag(tag, platform, buildId)}`;
}

/** The names of references and aliases that a build of the plan writes besides, `registry.example.com/team/base:1.0`. */
export function namedByBuild(
  { place }: Pick<Place, "place">,
  plan: Plan,
  buildId: string | undefined,
): readonly { readonly name: string; readonly of?: string }[] {
  return plannedReferences(plan)
    .filter(isWhole)
    .flatMap(({ repository, tag, aliases }) => {
      const at = (name: string): string => `${place}/${repository}:${withBuildId(name, buildId)}`;
      return [{ name: at(tag) }, ...aliases.map((alias) => ({ name: at(alias), of: at(tag) }))];
    });
}

/** Says what is left to do where a build was of some platforms only: no reference then stands for what it should. */
export function tellUnnamed(
  app: Pick<App, "log">,
  { flag }: Pick<Place, "flag">,
  plan: Plan,
  buildId: string | undefined,
): void {
  const parts = plannedReferences(plan).filter((reference) => !isWhole(reference));
  const [first] = parts;
  if (first === undefined) return;
  const names = parts.length === 1 ? first.reference : `${parts.length} references`;
  const command = [
    "hive finalize",
    `--registry=${shellWord(flag)}`,
    ...(buildId === undefined ? [] : [`--build-id=${buildId}`]),
  ].join(" ");
  app.log.info(
    `Only some platforms of ${names} were built: \`${command}\` puts together what all jobs have pushed`,
  );
}

function isWhole({ platforms, listed }: WantedReference): boolean {
  const there = new Set(platforms.map(formatPlatform));
  return listed.every((platform) => there.has(formatPlatform(platform)));
}
