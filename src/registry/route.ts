import { type Digest, isDigest } from "../oci/digest.ts";
import { isRepositoryName, isTag } from "../oci/reference.ts";
import { RegistryError } from "./registry-error.ts";

/** What a path asks for. Names and digests in it are valid; nothing else of the URL is used further on. */
export type Route =
  | { readonly kind: "base" }
  | { readonly kind: "catalog" }
  | { readonly kind: "token" }
  | { readonly kind: "tags"; readonly repository: string }
  | { readonly kind: "referrers"; readonly repository: string; readonly digest: Digest }
  | {
      readonly kind: "manifest";
      readonly repository: string;
      readonly reference: ManifestReference;
    }
  | { readonly kind: "blob"; readonly repository: string; readonly digest: Digest }
  | { readonly kind: "uploads"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly id: string };

export type ManifestReference = { readonly tag: string } | { readonly digest: Digest };

const uploadId = /^[0-9a-f]{32}$/;

/**
 * Reads a raw path, percent signs and all: no valid name has a character that needs escaping, so nothing is decoded
 * but the colon of a digest, which careful clients escape.
 * Matched from the right, for `blobs`, `manifests` and `uploads` are valid parts of a repository's name.
 * @throws RegistryError
 */
export function parseRoute(path: string, method: string): Route {
  if (path === "/v2" || path === "/v2/") return { kind: "base" };
  if (!path.startsWith("/v2/")) throw notFound();
  const parts = path.slice("/v2/".length).split("/");
  if (parts.length === 1 && parts[0] === "_catalog") return { kind: "catalog" };
  if (parts.length === 1 && parts[0] === "token") return { kind: "token" };

  const last = parts.at(-1) ?? "";
  const parent = parts.at(-2) ?? "";
  if (parent === "blobs" && last === "uploads") {
    return { kind: "uploads", repository: repositoryOf(parts, 2) };
  }
  if (parent === "uploads" && parts.at(-3) === "blobs") {
    const repository = repositoryOf(parts, 3);
    if (last === "") return { kind: "uploads", repository };
    if (!uploadId.test(last)) {
      throw new RegistryError(404, "BLOB_UPLOAD_UNKNOWN", "unknown upload");
    }
    return { kind: "upload", repository, id: last };
  }
  switch (parent) {
    case "tags":
      if (last !== "list") throw notFound();
      return { kind: "tags", repository: repositoryOf(parts, 2) };
    case "manifests":
      return {
        kind: "manifest",
        repository: repositoryOf(parts, 2),
        reference: parseManifestReference(last, method),
      };
    case "blobs":
      return { kind: "blob", repository: repositoryOf(parts, 2), digest: digestOrThrow(last) };
    case "referrers":
      return { kind: "referrers", repository: repositoryOf(parts, 2), digest: digestOrThrow(last) };
    default:
      throw notFound();
  }
}

/** The path of a URL as it came; Bun gives a bare path when the Host header is missing or invalid. */
export function rawPath(url: string): string {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "/";
  const query = url.slice(start).search(/[?#]/);
  return query < 0 ? url.slice(start) : url.slice(start, start + query);
}

/** The parameters of a URL's query. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start < 0 ? "" : url.slice(start + 1));
}

/**
 * The one value of a query parameter; undefined when it is not there.
 * @throws RegistryError when it is there twice: which one counts would be a guess.
 */
export function queryParameter(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) {
    throw new RegistryError(400, "UNSUPPORTED", `the parameter ${name} is given twice`);
  }
  return values[0];
}

function repositoryOf(parts: readonly string[], dropped: number): string {
  const name = parts.slice(0, -dropped).join("/");
  if (!isRepositoryName(name)) {
    throw new RegistryError(400, "NAME_INVALID", "invalid repository name");
  }
  return name;
}

function parseManifestReference(text: string, method: string): ManifestReference {
  if (isTag(text)) return { tag: text };
  if (/:|%3a/i.test(text)) return { digest: digestOrThrow(text) };
  // Whoever only asks learns that there is no such manifest: the conformance suite does so with an invalid tag.
  if (method !== "PUT") throw new RegistryError(404, "MANIFEST_UNKNOWN", "unknown manifest");
  throw new RegistryError(400, "MANIFEST_INVALID", "invalid tag");
}

function digestOrThrow(text: string): Digest {
  const digest = text.replace(/%3a/i, ":");
  if (isDigest(digest)) return digest;
  throw new RegistryError(400, "DIGEST_INVALID", "invalid digest");
}

function notFound(): RegistryError {
  return new RegistryError(404, "UNSUPPORTED", "no such endpoint");
}
