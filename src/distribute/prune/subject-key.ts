/**
 * Of a tag that stands for something attached to a manifest, what names that manifest, as `referrersTag()` of its digest:
 * `sha256-<hex>.sig` of cosign, `sha256-<hex>` of registries without a list of referrers. Undefined for any other tag.
 */
export function subjectKey(tag: string): string | undefined {
  return /^(sha(?:256|512)-[0-9a-f]{64})[0-9a-f]*(?:\..+)?$/.exec(tag)?.[1];
}
