import type { Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import type { RegistryContext } from "../registry-context.ts";
import { queryOf, queryParameter } from "../route.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";

/**
 * `GET /v2/<name>/referrers/<digest>`: an index, empty where there is nothing, never 404.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}
 */
export function handleReferrers(
  { store }: RegistryContext,
  request: Request,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
): Response {
  if (request.method !== "GET") throw methodNotAllowed("GET");
  const all = store.metadata.referrers(repository, digest);
  // Media types are full of `+`, which clients that don't encode it send as what a query reads as a space.
  const filter = queryParameter(queryOf(request.url), "artifactType")?.replaceAll(" ", "+");
  const manifests =
    filter === undefined ? all : all.filter(({ artifactType }) => artifactType === filter);
  return new Response(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
    {
      headers: {
        "Content-Type": mediaTypes.ociIndex,
        ...(filter === undefined ? {} : { "OCI-Filters-Applied": "artifactType" }),
      },
    },
  );
}
