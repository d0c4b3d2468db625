import type { StoredBlob } from "../../oci/blob-store.ts";
import type { Digest } from "../../oci/digest.ts";
import { type ByteRange, parseByteRange } from "../byte-range.ts";
import { RegistryError } from "../registry-error.ts";
import { entityTag } from "./preconditions.ts";

/** Answers with a blob, or with the part of it that is wanted by a `Range` header. @throws RegistryError 416 */
export function sendBlob(blob: StoredBlob, wanted: string | null): Response {
  const range = wantedRange(wanted, blob.size);
  // A file as body goes from the page cache to the socket inside the kernel.
  const file = Bun.file(blob.path);
  if (range === undefined) return new Response(file, { headers: blobHeaders(blob) });
  return new Response(file.slice(range.start, range.end), {
    status: 206,
    headers: rangeHeaders(blob, range),
  });
}

/** The part that a `Range` header wants; undefined for everything. @throws RegistryError 416 */
export function wantedRange(wanted: string | null, size: number): ByteRange | undefined {
  const range = parseByteRange(wanted, size);
  if (range !== "unsatisfiable") return range;
  throw new RegistryError(416, "SIZE_INVALID", "the range is not within the blob", {
    "Content-Range": `bytes */${size}`,
  });
}

type Blob = { readonly digest: Digest; readonly size: number | undefined };

/** The headers of a blob; its length is left out where it is not known. */
export function blobHeaders({ digest, size }: Blob): Record<string, string> {
  return {
    "Content-Type": "application/octet-stream",
    // Bun knows it of a file too, but not who watches the response.
    ...(size === undefined ? {} : { "Content-Length": `${size}`, "Accept-Ranges": "bytes" }),
    "Docker-Content-Digest": digest,
    ETag: entityTag(digest),
    // Bun adds one with the file's name otherwise.
    "Content-Disposition": "attachment",
  };
}

/** The headers of a part of a blob. */
export function rangeHeaders(blob: Blob, { start, end }: ByteRange): Record<string, string> {
  return {
    ...blobHeaders(blob),
    "Content-Length": `${end - start}`,
    "Content-Range": `bytes ${start}-${end - 1}/${blob.size}`,
  };
}

/** 404 for a blob. */
export function unknownBlob(): RegistryError {
  return new RegistryError(404, "BLOB_UNKNOWN", "unknown blob");
}
