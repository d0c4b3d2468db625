import { nameImages } from "../build/name-images.ts";
import { storedPlatforms } from "../build/stored-platforms.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { formatPlatform } from "../oci/platform.ts";
import { withBuildId } from "../plan/with-build-id.ts";
import type { Finalized } from "./finalized.ts";
import { notBuilt } from "./not-built.ts";
import type { WantedReference } from "./wanted-references.ts";

type StoreOptions = {
  /** The patterns that selected what is wanted, to say what to build. */
  readonly select: readonly string[];
  readonly buildId: string | undefined;
  /** Only says what would be done. */
  readonly dryRun: boolean;
};

/**
 * Names references and their aliases in the store: all at once or, when a platform of one is missing, none.
 * @throws HiveError "failed" with what is missing and how to build it
 */
export async function finalizeStore(
  layout: ImageLayout,
  wanted: readonly WantedReference[],
  options: StoreOptions,
): Promise<Finalized[]> {
  const { buildId, dryRun } = options;
  const found = await Promise.all(
    wanted.map(async (reference) => ({
      ...reference,
      images: await storedPlatforms(layout, withBuildId(reference.reference, buildId)),
    })),
  );
  const missing = found.flatMap(({ reference, platforms, images }) =>
    platforms
      .filter((platform) => !images.has(formatPlatform(platform)))
      .map((platform) => ({ reference, platform })),
  );
  if (missing.length > 0) throw notBuilt(missing, wanted, { ...options, action: "finalize" });

  const known = new Map(
    (await layout.references()).map(({ name, descriptor }) => [name, descriptor.digest]),
  );
  const changes = new Map<string, Descriptor>();
  const finalized: Finalized[] = [];
  for (const { repository, reference, listed, platforms, images, aliases } of found) {
    const descriptor = await nameImages(layout, images, listed.length > 0 ? listed : platforms);
    const own = withBuildId(reference, buildId);
    const names = aliases.map((alias) => withBuildId(`${repository}:${alias}`, buildId));
    for (const name of [own, ...names]) {
      changes.set(name, descriptor);
      finalized.push({
        name,
        digest: descriptor.digest,
        ...(name === own ? {} : { of: own }),
        platforms: platforms.map(formatPlatform),
        changed: known.get(name) !== descriptor.digest,
      });
    }
  }
  if (!dryRun) await layout.update(changes);
  return finalized;
}
