import { createSourceText } from "../base/source-text.ts";
import { findReferences } from "../dockerfile/find-references.ts";
import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";
import type { Digest } from "../oci/digest.ts";
import { familiarName } from "../oci/familiar-name.ts";
import { imagePrefix } from "../plan/context-value.ts";
import type { Target } from "../plan/plan.ts";

/**
 * The named contexts that make BuildKit take the images from elsewhere by digest, whatever their tags stand for by then.
 * BuildKit looks a reference up by its familiar name.
 */
export function pinContexts(
  target: Target,
  bases: ReadonlyMap<string, Digest>,
): Record<string, string> {
  const contexts: Record<string, string> = {};
  for (const { reference } of target.externals) {
    const digest = bases.get(reference);
    if (digest === undefined || reference.includes("@") || !isPinnable(reference, target)) continue;
    contexts[familiarName(reference)] = `${imagePrefix}${reference}@${digest}`;
  }
  return contexts;
}

/** The value of a named context that the user wrote, by digest where it is an image whose digest is known. */
export function pinnedContext(value: string, bases: ReadonlyMap<string, Digest>): string {
  if (!value.startsWith(imagePrefix) || value.includes("@")) return value;
  const digest = bases.get(value.slice(imagePrefix.length));
  return digest === undefined ? value : `${value}@${digest}`;
}

/**
 * Whether a named context can stand for the reference. One with the name of a stage would replace the stage, as in
 * `FROM alpine AS alpine`.
 */
export function isPinnable(reference: string, { dockerfile: { text } }: Target): boolean {
  const name = familiarName(reference);
  // A stage's name has none of these; and few Dockerfiles have the word, so that few are parsed for it.
  if (/[:/@]/.test(name) || !/\bas\b/i.test(text)) return true;
  return !findReferences(parseDockerfile(createSourceText("Dockerfile", text))).stages.includes(
    name,
  );
}
