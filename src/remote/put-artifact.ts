import type { Artifact } from "../oci/referring-artifact.ts";
import type { RemoteRegistry } from "./open-registry.ts";

/** Writes a small artifact, under its digest alone: it is found by what it refers to. @throws HiveError */
export async function putArtifact(
  registry: RemoteRegistry,
  repository: string,
  { digest, mediaType, bytes, blobs }: Artifact,
): Promise<void> {
  for (const { descriptor, bytes: content } of blobs) {
    if (await registry.hasBlob(repository, descriptor)) continue;
    const open = (offset: number): Blob => new Blob([new Uint8Array(content).subarray(offset)]);
    await registry.writeBlob(repository, descriptor, open);
  }
  await registry.putManifest(repository, digest, { mediaType, bytes });
}
