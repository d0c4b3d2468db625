import type { Digest } from "../oci/digest.ts";
import { RegistryError } from "./registry-error.ts";
import type { MetadataStore } from "./store/metadata-store.ts";

/** Which tags a registry keeps where they are. */
export type TagRules = {
  /** What the registry is, for messages: `prod`. */
  readonly role: string;
  /** Whether a tag may be moved and deleted. */
  readonly isMutable: (tag: string) => boolean;
};

/**
 * Lets a push pass unless it would move a tag that has to stay. To be asked in the turn in which the tags change, so that of two
 * pushes of one tag one is first.
 * @throws RegistryError 403
 */
export function requireMovable(
  rules: TagRules | undefined,
  metadata: MetadataStore,
  {
    repository,
    tags,
    digest,
  }: {
    readonly repository: string;
    readonly tags: readonly string[];
    readonly digest: Digest;
  },
): void {
  if (rules === undefined) return;
  for (const tag of tags) {
    const current = metadata.findTag(repository, tag)?.digest;
    if (current === undefined || current === digest || rules.isMutable(tag)) continue;
    throw denied(
      `the tag ${tag} stands for ${current}, and tags stay in a registry of the role ${rules.role}: push under another tag`,
    );
  }
}

/**
 * Lets a deletion of a tag, a manifest or a blob pass unless a tag that has to stay needs it.
 * @throws RegistryError 403
 */
export function requireDeletable(
  rules: TagRules | undefined,
  metadata: MetadataStore,
  repository: string,
  target: { readonly tag: string } | { readonly digest: Digest },
): void {
  if (rules === undefined) return;
  const isKept = (tag: string): boolean => !rules.isMutable(tag);
  const advice = `tags stay in a registry of the role ${rules.role}: \`hive registry delete\` on its own machine removes them`;
  if ("tag" in target) {
    if (!isKept(target.tag) || metadata.findTag(repository, target.tag) === undefined) return;
    throw denied(`the tag ${target.tag} may not be deleted: ${advice}`);
  }
  for (const tag of metadata.tags(repository) ?? []) {
    if (!isKept(tag) || !needs(metadata, repository, tag, target.digest)) continue;
    throw denied(`the tag ${tag} needs ${target.digest}, and ${advice}`);
  }
}

/** Whether an image is, or has, this content; an index has what its images have. */
function needs(metadata: MetadataStore, repository: string, tag: string, digest: Digest): boolean {
  const first = metadata.findTag(repository, tag);
  if (first === undefined) return false;
  const seen = new Set<Digest>([first.digest]);
  for (const next of seen) {
    if (next === digest) return true;
    for (const part of metadata.findManifest(repository, next)?.content ?? []) seen.add(part);
  }
  return false;
}

function denied(message: string): RegistryError {
  return new RegistryError(403, "DENIED", message);
}
