import type { Digest } from "../../oci/digest.ts";
import { RegistryError } from "../registry-error.ts";

/** The entity tag of content: its digest, for it says all that a tag can say. */
export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}

/** The answer to a GET or HEAD of what the client says it has; undefined when it has to be sent. */
export function notModified(request: Request, digest: Digest): Response | undefined {
  const header = request.headers.get("if-none-match");
  if (header === null || !lists(header, digest)) return undefined;
  return new Response(null, {
    status: 304,
    headers: { "Docker-Content-Digest": digest, ETag: entityTag(digest) },
  });
}

/** The `Range` header as far as it counts: not when `If-Range` names other content. */
export function rangeHeader(request: Request, digest: Digest): string | null {
  const condition = request.headers.get("if-range");
  const applies = condition === null || condition.trim() === entityTag(digest);
  return applies ? request.headers.get("range") : null;
}

/**
 * Lets a push pass only when the tag is at what its sender last saw; `current` is undefined when there is no such tag.
 * This is how clients change a tag without undoing what others did.
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1}
 * @throws RegistryError 412
 */
export function requirePreconditions(request: Request, current: Digest | undefined): void {
  const match = request.headers.get("if-match");
  const noneMatch = request.headers.get("if-none-match");
  if (match !== null && (current === undefined || !lists(match, current))) throw changed();
  if (noneMatch !== null && current !== undefined && lists(noneMatch, current)) throw changed();
}

function lists(header: string, digest: Digest): boolean {
  const tags = new Set(header.split(",").map((tag) => tag.trim().replace(/^W\//, "")));
  return tags.has("*") || tags.has(entityTag(digest));
}

function changed(): RegistryError {
  return new RegistryError(412, "DENIED", "the tag is not at what the request expects");
}
