import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "../remote-client.ts";
import { uploadLocation } from "./upload-location.ts";

/** Pairs of repositories between which we may not mount, by client: an image has many blobs, and the answer stays the same. */
const refused = new WeakMap<RemoteClient, Set<string>>();

/** Takes over a blob of another repository; false where it can't be had so, for whatever reason. */
export async function mountBlob(
  client: RemoteClient,
  repository: string,
  { digest }: Descriptor,
  from: string,
): Promise<boolean> {
  const pairs = refused.get(client) ?? new Set();
  refused.set(client, pairs);
  const pair = `${from} ${repository}`;
  if (pairs.has(pair)) return false;
  const query = new URLSearchParams({ mount: digest, from });
  const push = repositoryScope(repository, "pull,push");
  const answer = await client
    .call({
      method: "POST",
      path: repositoryPath(repository, `blobs/uploads/?${query.toString()}`),
      scope: `${push} ${repositoryScope(from, "pull")}`,
      action: `mount the blob ${digest}`,
      limit: 64 * 1024,
      expected: [201, 202, 400, 401, 403, 404, 405],
    })
    .catch((error: unknown) => {
      // No token for the other repository.
      if (error instanceof HiveError && error.kind === "unauthorized") return undefined;
      throw error;
    });
  if (answer === undefined || answer.status === 401 || answer.status === 403) pairs.add(pair);
  if (answer?.status === 202)
    await cancelUpload(client, repository, uploadLocation(client.endpoint, answer));
  return answer?.status === 201;
}

/** A session that stays open takes up room at the registry; it is none of our troubles when it can't be ended. */
async function cancelUpload(client: RemoteClient, repository: string, url: URL): Promise<void> {
  if (url.origin !== client.endpoint.address.origin) return;
  const request = { method: "DELETE", url, limit: 64 * 1024 } as const;
  await client
    .authorized(request, repositoryScope(repository, "pull,push"))
    .catch(() => client.endpoint.signal.throwIfAborted());
}
