import type { Digest } from "../../oci/digest.ts";
import { baseTag } from "./base-tag.ts";
import { subjectKey } from "./subject-key.ts";

/** Tags that stand for one image, or for the platforms of it: they stay and go together. */
export type TagGroup = {
  readonly tags: readonly string[];
  /** What the first tag stands for. */
  readonly digest: Digest;
};

/**
 * Puts the tags of a repository into groups: those of one digest, and with them the tags that their platforms have. Platforms
 * whose whole has no tag are a group by the name that it would have. Tags of attached things are in none.
 */
export function groupTags(tags: ReadonlyMap<string, Digest>): TagGroup[] {
  const groups = new Map<string, { readonly tags: string[]; readonly digest: Digest }>();
  const join = (key: string, tag: string, digest: Digest): void => {
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { tags: [tag], digest });
    else known.tags.push(tag);
  };
  const parts: { readonly tag: string; readonly digest: Digest; readonly whole: string }[] = [];
  for (const [tag, digest] of tags) {
    if (subjectKey(tag) !== undefined) continue;
    const whole = baseTag(tag, (name) => tags.has(name));
    if (whole === undefined) join(digest, tag, digest);
    else parts.push({ tag, digest, whole });
  }
  for (const { tag, digest, whole } of parts) join(tags.get(whole) ?? whole, tag, digest);
  return [...groups.values()];
}
