import type { Digest } from "../../oci/digest.ts";
import type { RegistryContext } from "../registry-context.ts";
import { RegistryError } from "../registry-error.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";
import { requireDeletable } from "../tag-rules.ts";
import { blobHeaders, sendBlob, unknownBlob } from "./send-blob.ts";
import { sendMirroredBlob } from "./send-mirrored-blob.ts";
import { notModified, rangeHeader } from "./preconditions.ts";

/**
 * GET, HEAD and DELETE of `/v2/<name>/blobs/<digest>`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs}
 */
export async function handleBlob(
  context: RegistryContext,
  request: Request,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
): Promise<Response> {
  const { store, tagRules } = context;
  const blob = store.findBlob(repository, digest);
  const mirrored = context.mirrors?.find(repository);
  if (mirrored !== undefined && (request.method === "GET" || request.method === "HEAD")) {
    if (blob === undefined) return await sendMirroredBlob(mirrored, request, digest);
    mirrored.hit();
  }
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
      requireDeletable(tagRules, store.metadata, repository, { digest });
      if (!(await store.metadata.removeBlob(repository, digest))) {
        throw new RegistryError(405, "UNSUPPORTED", "the blob is shared by all repositories");
      }
      return new Response(null, { status: 202 });
    default:
      throw methodNotAllowed("GET, HEAD, DELETE");
  }
}
