import { isDigest } from "../oci/digest.ts";

/** A tag or a digest with its repository: `app:1.0`, `app@sha256:...`. */
export function writtenReference(repository: string, reference: string): string {
  return `${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
}
