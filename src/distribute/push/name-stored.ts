import { closestNames } from "../../base/closest.ts";
import { HiveError } from "../../base/hive-error.ts";
import { shortList } from "../../base/short-list.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isRepositoryName, isTag } from "../../oci/reference.ts";
import { globPattern } from "../../plan/glob-pattern.ts";

/** An image of a layout that is to be pushed. */
export type StoredReference = {
  /** `base:1.0`. */
  readonly reference: string;
  readonly repository: string;
  readonly tag: string;
  readonly descriptor: Descriptor;
};

type NameOptions = {
  /** `name`, `name:tag`, both with globs; none: every image. */
  readonly patterns: readonly string[];
  /** Only what was built with this id, whose names lose it; without one, what was built without. */
  readonly buildId: string | undefined;
  /** The repository of images that have a tag alone as their name, as some tools write it. */
  readonly fallback: string;
};

/**
 * The images of a layout that patterns name.
 * @param names as `index.json` has them
 * @throws HiveError "usage" for a pattern that names none
 */
export function nameStored(
  names: readonly { readonly name: string; readonly descriptor: Descriptor }[],
  { patterns, buildId, fallback }: NameOptions,
): readonly StoredReference[] {
  const suffix = buildId === undefined ? "" : `-build.${buildId}`;
  const stored = names.flatMap(({ name, descriptor }): StoredReference[] => {
    const read = readName(name, fallback);
    if (read === undefined || !read.tag.endsWith(suffix)) return [];
    const tag = read.tag.slice(0, read.tag.length - suffix.length);
    if (tag === "" || ofSomeBuild.test(tag)) return [];
    return [{ ...read, tag, reference: `${read.repository}:${tag}`, descriptor }];
  });
  const nothing = patterns.filter((pattern) => !stored.some(matcher(pattern)));
  if (nothing.length === 0 && stored.length > 0) {
    const matchers = patterns.map(matcher);
    return stored.filter((one) => patterns.length === 0 || matchers.some((match) => match(one)));
  }
  const references = stored.map(({ reference }) => reference);
  const near = nothing.flatMap((pattern) => closestNames(pattern, references));
  const what = nothing.length === 0 ? "anything" : nothing.map((one) => `"${one}"`).join(", ");
  throw new HiveError("usage", `Cannot push ${what}: there is no such image`, {
    hint:
      stored.length === 0
        ? "Run `hive build` first; `hive list` shows what there is."
        : near.length > 0
          ? `Did you mean ${[...new Set(near)].join(", ")}?`
          : `There are ${shortList(references)}.`,
  });
}

const ofSomeBuild = /-build\.[\w.-]+$/;

/** `team/app:1.0`, also behind a host, or a tag alone; undefined for what is neither. */
function readName(
  name: string,
  fallback: string,
): { readonly repository: string; readonly tag: string } | undefined {
  const colon = name.lastIndexOf(":");
  if (colon === -1) {
    return isTag(name) && isRepositoryName(fallback)
      ? { repository: fallback, tag: name }
      : undefined;
  }
  const path = name.slice(0, colon);
  const host = /^(?:localhost|[^/]*[.:][^/]*)\//.exec(path)?.[0] ?? "";
  const read = { repository: path.slice(host.length), tag: name.slice(colon + 1) };
  return isRepositoryName(read.repository) && isTag(read.tag) ? read : undefined;
}

function matcher(pattern: string): (stored: StoredReference) => boolean {
  const colon = pattern.indexOf(":");
  const name = globPattern(colon === -1 ? pattern : pattern.slice(0, colon));
  const wanted = globPattern(colon === -1 ? "**" : pattern.slice(colon + 1));
  return ({ repository, tag }) => name.test(repository) && wanted.test(tag);
}
