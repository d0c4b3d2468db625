import { imagePrefix } from "../../plan/context-value.ts";
import { type Handover, imageAttrs } from "./handover.ts";
import { nameAt, type RemotePlace, repositoryAt } from "./remote-place.ts";

/**
 * Hand-over through a registry that others use, too: the daemon pushes each image there under the tag of its platform, and
 * dependents pull it from there by digest. No byte of an image comes to this machine.
 */
export function remoteHandover(place: RemotePlace): Handover {
  const insecure = place.insecure ? { "registry.insecure": "true" } : {};
  return {
    exporter: (target) => ({
      type: "image",
      attrs: {
        ...imageAttrs(target, place.format),
        ...insecure,
        name: nameAt(place, target),
        push: "true",
        // A daemon with an image store would keep every image of every run.
        store: "false",
      },
    }),
    contextValue: (target, digest) => `${imagePrefix}${nameAt(place, target)}@${digest}`,
    cacheImport: ({ name }, digest) => ({
      type: "registry",
      attrs: { ref: `${place.host}/${repositoryAt(place, name)}@${digest}`, ...insecure },
    }),
  };
}
