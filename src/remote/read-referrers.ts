import { mapLimited } from "../base/map-limited.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { referrerDescriptor } from "./list-referrer.ts";
import type { RemoteRegistry } from "./open-registry.ts";

/** Requests at a time. */
const parallel = 8;

/**
 * What refers to a manifest, each with its type and annotations. Some registries list an artifact with the type of its empty
 * configuration: such a one is read.
 * @throws HiveError
 */
export async function readReferrers(
  registry: RemoteRegistry,
  repository: string,
  digest: Digest,
): Promise<readonly Descriptor[]> {
  const listed = await registry.referrers(repository, digest);
  return await mapLimited(listed, parallel, async (one) => {
    if (one.artifactType !== undefined && one.artifactType !== emptyType) return one;
    const found = await registry.findManifest(repository, one.digest);
    return found === undefined ? one : referrerDescriptor(found.manifest, one.digest, one.size);
  });
}

const emptyType = "application/vnd.oci.empty.v1+json";
