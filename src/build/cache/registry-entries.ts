import { formatReference, parseReference } from "../../oci/reference.ts";
import type { CacheScopes } from "../../plan/plan.ts";
import { type CacheEntries, type CacheSettings, exportAttrs, scopeName } from "./cache-entries.ts";

type RegistrySettings = Extract<CacheSettings, { readonly type: "registry" }>;

/**
 * Each scope is a tag of the repository that `ref` names. A tag in `ref` goes before the scope, `main-base.1.0.linux-amd64`:
 * all targets under one tag would replace one another.
 * @throws SyntaxError when `ref` is no reference, or one by digest
 */
export function registryEntries(
  { ref, insecure = false }: Omit<RegistrySettings, "place" | "type">,
  { own, siblings }: CacheScopes,
): CacheEntries {
  const { tag, digest, ...repository } = parseReference(ref);
  if (digest !== undefined)
    throw new SyntaxError(`"${ref}" has a digest: nothing can be put there`);
  const prefix = tag === undefined ? "" : `${tag}-`;
  const attrs = (scope: string): Record<string, string> => ({
    ref: formatReference({
      ...repository,
      tag: `${prefix}${scopeName(scope, 128 - prefix.length)}`,
    }),
    ...(insecure ? { "registry.insecure": "true" } : {}),
  });
  // An image manifest is what every registry takes; the older form, an index of layers, is not.
  const format = { "image-manifest": "true", "oci-mediatypes": "true" };
  return {
    imports: [own, ...siblings].map((scope) => ({ type: "registry", attrs: attrs(scope) })),
    exports: [{ type: "registry", attrs: { ...attrs(own), ...format, ...exportAttrs } }],
  };
}
