import { didYouMean } from "../base/closest.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { shortList } from "../base/short-list.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import type { ImageDefinition } from "../project/project.ts";
import { highestVersion } from "./highest-version.ts";
import { readVersionTag } from "./version-tag.ts";

type LatestAlias = NonNullable<ImageDefinition["latestAlias"]>;

type Problem = Pick<Diagnostic, "code" | "severity" | "message" | "label" | "help"> & {
  readonly at: LatestAlias;
};

/**
 * What `latest_alias` of an image means. Its `tag` is the alias, and leads to the image's highest version; or it is a tag
 * of the image, to which `latest` then leads. Every variant of what it leads to gets the alias with its suffix.
 * @param definitions those of one name: their tags are looked at together
 * @returns aliases with their tags, or what is wrong
 */
export function findLatestAliases(
  definitions: readonly ImageDefinition[],
  sources: ReadonlyMap<string, SourceText>,
): {
  readonly aliases: readonly (readonly [alias: string, tag: string])[];
  readonly findings: readonly Diagnostic[];
} {
  const [latest, ...others] = definitions.flatMap(({ latestAlias }) => latestAlias ?? []);
  if (latest === undefined) return { aliases: [], findings: [] };
  const different = others.filter((other) => !isSame(other, latest));
  const leads = different.length === 0 ? resolve(latest, definitions) : undefined;
  if (leads !== undefined) return { aliases: withVariants(leads, definitions), findings: [] };
  const name = definitions[0]?.name ?? "";
  const problems =
    different.length > 0
      ? different.map((other) => contradiction(name, other, latest))
      : missing(name, latest, definitions);
  const findings = problems.map(({ at: { place }, ...problem }) => ({
    ...problem,
    place,
    lineText: lineOfPlace(sources, place),
  }));
  return { aliases: [], findings };
}

function isSame(a: LatestAlias, b: LatestAlias): boolean {
  return a.tag === b.tag && a.onMissing === b.onMissing;
}

type Leading = { readonly alias: string; readonly tag: string };

function resolve(
  { tag }: LatestAlias,
  definitions: readonly ImageDefinition[],
): Leading | undefined {
  if (tagsOf(definitions).includes(tag)) return { alias: "latest", tag };
  if (isVersion(tag)) return undefined;
  const highest = highestOf(definitions);
  return highest === undefined ? undefined : { alias: tag, tag: highest };
}

function tagsOf(definitions: readonly ImageDefinition[]): string[] {
  return definitions.flatMap(({ tags }) => tags.map(({ name }) => name));
}

/** Such a name can only be meant as a tag that there is: nobody calls the highest version `1.2`. */
function isVersion(tag: string): boolean {
  return /^v?[0-9]/.test(tag) && readVersionTag(tag) !== undefined;
}

/** The highest version of all tags; one with a flavour, as `1.2-alpine`, only where all have one. */
function highestOf(definitions: readonly ImageDefinition[]): string | undefined {
  const versioned = definitions.flatMap(({ tags, variants }) => {
    const flavours = new Set(variants.map(({ tagSuffix }) => tagSuffix));
    return tags.flatMap(({ name }) => {
      const version = readVersionTag(name, flavours);
      return version === undefined ? [] : [{ tag: name, version }];
    });
  });
  const plain = versioned.filter(({ version }) => version.flavour === "");
  return highestVersion(plain.length > 0 ? plain : versioned);
}

function withVariants(
  { alias, tag }: Leading,
  definitions: readonly ImageDefinition[],
): (readonly [string, string])[] {
  const owner = definitions.find(({ tags }) => tags.some(({ name }) => name === tag));
  const suffixes = ["", ...(owner?.variants ?? []).map(({ tagSuffix }) => tagSuffix)];
  return suffixes.map((suffix) => [`${alias}${suffix}`, `${tag}${suffix}`]);
}

function contradiction(name: string, at: LatestAlias, first: LatestAlias): Problem {
  return {
    at,
    code: "HV3011",
    severity: "error",
    message: `Image "${name}" has another latest_alias in ${first.place.file}: "${first.tag}", on_missing ${first.onMissing}`,
    help: "the tags of all its definitions are looked at together: write it once, or everywhere the same",
  };
}

function missing(
  name: string,
  at: LatestAlias,
  definitions: readonly ImageDefinition[],
): readonly Problem[] {
  const code = "HV3010";
  const { tag, onMissing } = at;
  if (onMissing === "silent") return [];
  const tags = tagsOf(definitions);
  const help = `the tags are ${shortList(tags)}; on_missing says what it is when there is none`;
  const problem = { at, code, severity: onMissing, help } as const;
  if (isVersion(tag)) {
    const message = `Image "${name}" has no tag "${tag}" for latest to lead to`;
    return [{ ...problem, message, label: didYouMean(tag, tags) }];
  }
  const message = `Alias "${tag}" leads nowhere: no tag of image "${name}" is a version`;
  return [{ ...problem, message }];
}
