import type { Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { nextLink } from "../list-page.ts";
import type { RegistryContext } from "../registry-context.ts";
import { queryOf, queryParameter } from "../route.ts";
import { referrersPage } from "./referrers-page.ts";
import { sendJson } from "./send-json.ts";

/**
 * `GET /v2/<name>/referrers/<digest>`: an index, empty where there is nothing, never 404.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}
 */
export async function handleReferrers(
  { store, limits, mirrors }: RegistryContext,
  request: Request,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
): Promise<Response> {
  const query = queryOf(request.url);
  // Media types are full of `+`, which clients that don't encode it send as what a query reads as a space.
  const filter = queryParameter(query, "artifactType")?.replaceAll(" ", "+") ?? "";
  const elsewhere = await mirrors?.find(repository)?.referrers(digest);
  const all = elsewhere ?? store.metadata.referrers(repository, digest);
  const wanted = filter === "" ? all : all.filter(({ artifactType }) => artifactType === filter);
  const page = await referrersPage(wanted, {
    // Another registry lists them whole.
    blobs: elsewhere === undefined ? store.blobs : undefined,
    after: queryParameter(query, "last") ?? "",
    entries: limits.pageSize,
    bytes: limits.manifestSize,
  });
  const path = `/v2/${repository}/referrers/${digest}`;
  const head = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex });
  return sendJson(request, `${head.slice(0, -1)},"manifests":[${page.entries.join(",")}]}`, {
    "Content-Type": mediaTypes.ociIndex,
    ...(filter === "" ? {} : { "OCI-Filters-Applied": "artifactType" }),
    ...(page.next === undefined
      ? {}
      : nextLink(path, {
          ...(filter === "" ? {} : { artifactType: filter }),
          last: page.next,
        })),
  });
}
