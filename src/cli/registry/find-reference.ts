import type { Reference } from "../../oci/reference.ts";
import { within } from "../../oci/within.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { App } from "../app.ts";
import type { TargetRegistry } from "../find-target-registry.ts";
import type { ProjectFlags } from "../project/open-project.ts";
import { findPlace } from "./find-place.ts";
import { readReference } from "./read-reference.ts";

/** A reference with its whole repository. */
export type FoundReference = Omit<Reference, "registry"> & {
  /** As the user wrote it. */
  readonly written: string;
  /** Of its registry; undefined: the one of this machine. */
  readonly address: string | undefined;
};

/**
 * What a user wrote, `app:1.0`, and where it is: at the registry in it, else below what `--registry` or HIVE_REGISTRY says.
 * @throws HiveError "usage", also where the command line names two registries
 */
export async function findReference(
  app: App,
  flags: ProjectFlags & { readonly registry?: string | undefined },
  written: string,
): Promise<FoundReference> {
  const place = await findPlace(app, flags);
  // The variable is for what names no registry.
  const asked = app.given.has("registry") ? place?.address : undefined;
  const { registry, ...reference } = readReference(written, asked);
  return { ...reference, written, ...locate(registry, reference.repository, place) };
}

function locate(
  registry: string | undefined,
  repository: string,
  place: TargetRegistry | undefined,
): Pick<FoundReference, "address" | "repository"> {
  if (registry === undefined) {
    return { address: place?.address, repository: within(place?.prefix ?? "", repository) };
  }
  // The address may say more than the name: whether it is http:// or https://.
  return { address: isOf(registry, place) ? place?.address : registry, repository };
}

function isOf(registry: string, place: TargetRegistry | undefined): boolean {
  return (
    place !== undefined &&
    parseRegistryAddress(registry).host === parseRegistryAddress(place.address).host
  );
}
