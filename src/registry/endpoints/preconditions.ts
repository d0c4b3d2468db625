import type { Digest } from "../../oci/digest.ts";
import { RegistryError } from "../registry-error.ts";

/** The entity tag of content: its digest, for it says all that a tag can say. */
export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}

/**
 * The `Last-Modified` header for a change at `time` (by `Date.now()`): the full second after it, so that no second change can
 * have the same; while that is still to come, the one before.
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.8.2}
 */
export function lastModified(time: number): string {
  const now = Math.floor(Date.now() / 1000);
  return new Date(Math.min(Math.ceil(time / 1000), now) * 1000).toUTCString();
}

/**
 * The answer to a GET or HEAD of what the client says it has; undefined when it has to be sent.
 * @param pushed when it became what it is, where that is told to clients
 */
export function notModified(
  request: Request,
  digest: Digest,
  pushed?: number,
): Response | undefined {
  const header = request.headers.get("if-none-match");
  const isKnown = header === null ? isUnchangedSince(request, pushed) : lists(header, digest);
  if (!isKnown) return undefined;
  return new Response(null, {
    status: 304,
    headers: { "Docker-Content-Digest": digest, ETag: entityTag(digest) },
  });
}

function isUnchangedSince({ headers }: Request, pushed: number | undefined): boolean {
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  if (pushed === undefined || Number.isNaN(since) || since > Date.now()) return false;
  return since >= Math.ceil(pushed / 1000) * 1000;
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
