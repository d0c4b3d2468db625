import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { checkDigest } from "../content-digest.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "../remote-client.ts";

/**
 * Reads a small blob, as a configuration is, and checks its size and digest.
 * @throws HiveError "failed" when it is missing, too big, or not what its descriptor says.
 */
export async function getBlob(
  client: RemoteClient,
  repository: string,
  { digest, size }: Descriptor,
): Promise<Uint8Array> {
  const { address, limits } = client.endpoint;
  if (size > limits.blobSize) {
    throw new HiveError("failed", `${digest} is too big to read whole: ${size} bytes`);
  }
  const { bytes } = await client.call({
    method: "GET",
    path: repositoryPath(repository, `blobs/${digest}`),
    scope: repositoryScope(repository, "pull"),
    action: `read the blob ${digest}`,
    limit: Math.max(size, limits.errorSize),
    expected: [200],
  });
  checkDigest(bytes, digest, address.host);
  return bytes;
}

/** Whether the repository has it. */
export async function hasBlob(
  client: RemoteClient,
  repository: string,
  { digest }: Descriptor,
): Promise<boolean> {
  const { status } = await client.call({
    method: "HEAD",
    path: repositoryPath(repository, `blobs/${digest}`),
    scope: repositoryScope(repository, "pull"),
    action: `look for the blob ${digest}`,
    limit: client.endpoint.limits.errorSize,
    expected: [200, 404],
  });
  return status === 200;
}

/** Whether there was one. */
export async function deleteBlob(
  client: RemoteClient,
  repository: string,
  digest: Digest,
): Promise<boolean> {
  const { status } = await client.call({
    method: "DELETE",
    path: repositoryPath(repository, `blobs/${digest}`),
    scope: repositoryScope(repository, "pull,delete"),
    action: `delete the blob ${digest}`,
    limit: client.endpoint.limits.errorSize,
    expected: [200, 202, 204, 404],
  });
  return status !== 404;
}
