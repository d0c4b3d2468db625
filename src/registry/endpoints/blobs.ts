import type { StoredBlob } from "../../oci/blob-store.ts";
import type { Digest } from "../../oci/digest.ts";
import { parseByteRange } from "../byte-range.ts";
import type { RegistryContext } from "../registry-context.ts";
import { RegistryError } from "../registry-error.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";
import { entityTag, notModified, rangeHeader } from "./preconditions.ts";

/**
 * GET, HEAD and DELETE of `/v2/<name>/blobs/<digest>`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs}
 */
export async function handleBlob(
  { store }: RegistryContext,
  request: Request,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
): Promise<Response> {
  const blob = store.findBlob(repository, digest);
  switch (request.method) {
    case "HEAD":
      if (blob === undefined) throw unknownBlob();
      return notModified(request, digest) ?? new Response(null, { headers: blobHeaders(blob) });
    case "GET":
      if (blob === undefined) throw unknownBlob();
      return notModified(request, digest) ?? sendBlob(blob, rangeHeader(request, digest));
    case "DELETE":
      // Only from this repository: the content may be needed elsewhere, and collecting it is not this request's work.
      if (blob === undefined) throw unknownBlob();
      if (!(await store.metadata.removeBlob(repository, digest))) {
        throw new RegistryError(405, "UNSUPPORTED", "the blob is shared by all repositories");
      }
      return new Response(null, { status: 202 });
    default:
      throw methodNotAllowed("GET, HEAD, DELETE");
  }
}

function sendBlob(blob: StoredBlob, wanted: string | null): Response {
  const headers = blobHeaders(blob);
  const file = Bun.file(blob.path);
  const range = parseByteRange(wanted, blob.size);
  // A file as body goes from the page cache to the socket inside the kernel.
  if (range === undefined) return new Response(file, { headers });
  if (range === "unsatisfiable") {
    throw new RegistryError(416, "SIZE_INVALID", "the range is not within the blob", {
      "Content-Range": `bytes */${blob.size}`,
    });
  }
  const { start, end } = range;
  return new Response(file.slice(start, end), {
    status: 206,
    headers: {
      ...headers,
      "Content-Length": `${end - start}`,
      "Content-Range": `bytes ${start}-${end - 1}/${blob.size}`,
    },
  });
}

function blobHeaders({ digest, size }: StoredBlob): Record<string, string> {
  return {
    "Content-Type": "application/octet-stream",
    // Bun knows it of a file too, but not who watches the response.
    "Content-Length": `${size}`,
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
    ETag: entityTag(digest),
    // Bun adds one with the file's name otherwise.
    "Content-Disposition": "attachment",
  };
}

function unknownBlob(): RegistryError {
  return new RegistryError(404, "BLOB_UNKNOWN", "unknown blob");
}
