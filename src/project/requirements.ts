/** What `require` of a registry may name, besides types of artifacts: what is attached to an image. */
export const requirements = ["tests", "sbom", "signature", "provenance"] as const;

export type NamedRequirement = (typeof requirements)[number];

/** Whether a requirement is one of the names. */
export function isNamedRequirement(text: string): text is NamedRequirement {
  return requirements.some((name) => name === text);
}

/** Whether it is a name, or can be the type of an artifact: `application/vnd.acme.review`. */
export function isRequirement(text: string): boolean {
  return isNamedRequirement(text) || /^[\w.+-]+\/[\w.+-]+$/.test(text);
}
