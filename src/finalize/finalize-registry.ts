import { HiveError } from "../base/hive-error.ts";
import { mapLimited } from "../base/map-limited.ts";
import { mediaTypes } from "../oci/media-types.ts";
import type { Platform } from "../oci/platform.ts";
import { within } from "../oci/within.ts";
import { platformTag } from "../plan/platform-tag.ts";
import type { RemoteRegistry } from "../remote/open-registry.ts";
import { buildCommand, listSome } from "./build-command.ts";
import {
  finalizeReference,
  type NamingOptions,
  parallel,
  type WholeReference,
} from "./finalize-reference.ts";
import type { Finalized } from "./finalized.ts";
import { findPlatformImage } from "./platform-image.ts";
import type { WantedReference } from "./wanted-references.ts";

export type RegistryOptions = NamingOptions & {
  /** The patterns that selected what is wanted, to say what to build. */
  readonly select: readonly string[];
  /** What stands before the names of the project's images: `team`, or nothing. */
  readonly prefix: string;
};

/**
 * Puts references together from what the jobs of single platforms pushed: `base:1.0` from `base:1.0.linux-amd64` and
 * `base:1.0.linux-arm64`, then its aliases. All are looked at before anything is written. What is there already costs a
 * question, so that a run that broke off can be repeated.
 * @throws HiveError "failed" with what is missing and how to build it, or what does not fit together
 */
export async function finalizeRegistry(
  registry: RemoteRegistry,
  wanted: readonly WantedReference[],
  options: RegistryOptions,
): Promise<Finalized[]> {
  const whole = await findImages(registry, wanted, options);
  checkMediaTypes(registry.host, whole, options.dockerMediaTypes);
  const finalized = await mapLimited(whole, parallel, (reference) =>
    finalizeReference(registry, reference, options),
  );
  return finalized.flat();
}

async function findImages(
  registry: RemoteRegistry,
  wanted: readonly WantedReference[],
  options: RegistryOptions,
): Promise<WholeReference[]> {
  const { prefix, buildId } = options;
  const missing: { reference: string; platform: Platform; name: string }[] = [];
  const whole = await mapLimited(wanted, parallel, async (reference): Promise<WholeReference> => {
    const at = within(prefix, reference.repository);
    const found: WholeReference["found"][number][] = [];
    for (const platform of reference.platforms) {
      const tag = platformTag(reference.tag, platform, buildId);
      const image = await findPlatformImage(registry, at, tag, platform);
      if (image !== undefined) found.push({ tag, image });
      else missing.push({ reference: reference.reference, platform, name: `${at}:${tag}` });
    }
    return { ...reference, at, found };
  });
  if (missing.length === 0) return whole;
  const names = missing.map(({ name }) => name).toSorted();
  throw new HiveError(
    "failed",
    `Cannot finalize: ${registry.host} does not have ${listSome(names)}`,
    {
      hint: `Nothing was written. Push what \`${buildCommand(missing, wanted, options)}\` builds under these names first.`,
    },
  );
}

function checkMediaTypes(host: string, whole: readonly WholeReference[], docker: boolean): void {
  const wanted = docker ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
  for (const { at, found } of whole) {
    const other = found.find(({ image }) => image.mediaType !== wanted);
    if (other === undefined) continue;
    const [is, should] = docker ? ["OCI", "Docker"] : ["Docker", "OCI"];
    throw new HiveError(
      "failed",
      `Cannot finalize: ${at}:${other.tag} on ${host} has ${is} media types, and ${should} ones are asked for`,
      {
        hint: `Set registry.docker_media_types to ${String(!docker)} in hive.yml, or push the images with ${should} media types.`,
      },
    );
  }
}
