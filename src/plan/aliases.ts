import type { Diagnostic } from "../base/diagnostic.ts";
import type { ImageDefinition, Project } from "../project/project.ts";
import { highestVersion, type Versioned } from "./highest-version.ts";
import { findLatestAliases } from "./latest-alias.ts";
import type { Alias } from "./plan.ts";
import { readVersionTag, type VersionTag } from "./version-tag.ts";

/**
 * The aliases of a project: shorter versions (`1.2` and `1` for `1.2.3`, for the highest that could have it), and what
 * `latest_alias` asks for. Definitions that share a name are looked at together. None is a tag that is declared.
 * @returns aliases sorted by image and alias; errors and warnings about `latest_alias`
 */
export function findAliases({ images, sources }: Project): {
  readonly aliases: readonly Alias[];
  readonly findings: readonly Diagnostic[];
} {
  const findings: Diagnostic[] = [];
  const aliases = [...Map.groupBy(images, ({ name }) => name)].flatMap(([name, definitions]) => {
    const declared = new Set(definitions.flatMap(finalTags));
    const latest = findLatestAliases(definitions, sources);
    findings.push(...latest.findings);
    return [...new Map([...versionAliases(definitions), ...latest.aliases])]
      .filter(([alias]) => !declared.has(alias))
      .toSorted(([a], [b]) => byNumbers.compare(a, b))
      .map(([alias, tag]) => ({ alias: `${name}:${alias}`, reference: `${name}:${tag}` }));
  });
  return { aliases, findings };
}

// Made once: that takes longer than a comparison.
const byNumbers = new Intl.Collator("en", { numeric: true });

/** Every tag, alone and with every variant. */
function finalTags({ tags, variants }: ImageDefinition): string[] {
  const suffixes = ["", ...variants.map(({ tagSuffix }) => tagSuffix)];
  return tags.flatMap(({ name }) => suffixes.map((suffix) => `${name}${suffix}`));
}

/** Alias -> tag. */
function versionAliases(definitions: readonly ImageDefinition[]): [string, string][] {
  const candidates: (Versioned & { readonly alias: string })[] = [];
  for (const { tags, variants } of definitions) {
    const suffixes = variants.map(({ tagSuffix }) => tagSuffix);
    const flavours = new Set(suffixes);
    for (const { name } of tags) {
      const version = readVersionTag(name, flavours);
      if (version === undefined) continue;
      const shorter = shorterVersions(version);
      for (const suffix of ["", ...suffixes]) {
        for (const alias of shorter) {
          candidates.push({ alias: `${alias}${suffix}`, tag: `${name}${suffix}`, version });
        }
      }
    }
  }
  return [...Map.groupBy(candidates, ({ alias }) => alias)].map(([alias, those]) => [
    alias,
    highestVersion(those) ?? "",
  ]);
}

/** `1.2` and `1` for `1.2.3`. */
function shorterVersions({ prefix, numbers, flavour }: VersionTag): string[] {
  return numbers
    .slice(1)
    .map((_, cut) => `${prefix}${numbers.slice(0, cut + 1).join(".")}${flavour}`);
}
