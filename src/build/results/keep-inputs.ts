import type { PublishedRecord } from "../../inputs/published-inputs.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import { inputsArtifact } from "./inputs-artifact.ts";

/** Keeps beside an image at a registry what it was made of. @throws HiveError as the registry does */
export async function keepInputs(
  registry: RemoteRegistry,
  repository: string,
  record: PublishedRecord,
  image: Descriptor,
): Promise<void> {
  const { digest, mediaType, bytes, blobs } = inputsArtifact(record, image);
  for (const blob of blobs) {
    if (await registry.hasBlob(repository, blob.descriptor)) continue;
    const content = new Blob([new Uint8Array(blob.bytes)]);
    await registry.writeBlob(repository, blob.descriptor, (offset) => content.slice(offset));
  }
  await registry.putManifest(repository, digest, { mediaType, bytes });
}
