import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "../remote-client.ts";
import { uploadLocation } from "./upload-location.ts";
import { cancelUpload } from "./upload-session.ts";

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
      limit: client.endpoint.limits.errorSize,
      expected: [201, 202, 400, 401, 403, 404, 405],
    })
    .catch((error: unknown) => {
      // No token for the other repository.
      if (error instanceof HiveError && error.kind === "unauthorized") return undefined;
      throw error;
    });
  if (answer === undefined || answer.status === 401 || answer.status === 403) pairs.add(pair);
  if (answer?.status === 202) {
    const url = uploadLocation(client.endpoint, answer);
    if (url.origin === client.endpoint.address.origin)
      await cancelUpload(client, repository, { url });
  }
  return answer?.status === 201;
}
