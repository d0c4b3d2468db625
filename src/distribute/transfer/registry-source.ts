import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { ImageSource } from "./image-transfer.ts";

/** The images of a registry. */
export function registrySource(registry: RemoteRegistry): ImageSource {
  return {
    name: registry.host,
    registry,
    findDescriptor: (repository, reference) => registry.headManifest(repository, reference),
    findManifest: (repository, reference) => registry.findManifest(repository, reference),
    openBlob: (repository, descriptor, signal) => (offset) =>
      registry.readBlob(repository, descriptor, { offset, signal, verify: false }),
    async checkBlob(repository, descriptor, signal) {
      await registry.readBlob(repository, descriptor, { signal }).pipeTo(new WritableStream());
    },
    referrers: (repository, digest) => registry.referrers(repository, digest),
  };
}
