import { nameImages } from "../../build/name-images.ts";
import { storedPlatforms } from "../../build/stored-platforms.ts";
import { notBuilt } from "../../finalize/not-built.ts";
import type { WantedReference } from "../../finalize/wanted-references.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { ImageLayout } from "../../oci/layout.ts";
import { formatPlatform, samePlatform } from "../../oci/platform.ts";
import { within } from "../../oci/within.ts";
import type { Plan } from "../../plan/plan.ts";
import { platformTag } from "../../plan/platform-tag.ts";
import { withBuildId } from "../../plan/with-build-id.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { ImageTransfer } from "../transfer/image-transfer.ts";
import { layoutSource } from "../transfer/layout-source.ts";

type PushOptions = {
  readonly layout: ImageLayout;
  readonly destination: RemoteRegistry;
  /** What stands before the names of the project's images: `team`, or nothing. */
  readonly prefix: string;
  readonly buildId: string | undefined;
  /** The patterns that selected what is wanted, to say what to build. */
  readonly select: readonly string[];
};

/**
 * What a push of references brings to a registry: the image of each platform under a tag of its own, and, where all that the
 * project lists were asked for, what stands for all of them under the reference's tag and its aliases.
 * @param plan says what builds on what, whose layers are at the registry already
 * @throws HiveError "failed" with what is not built and how to build it
 */
export async function planPush(
  wanted: readonly WantedReference[],
  { targets }: Pick<Plan, "targets">,
  { layout, destination, prefix, buildId, select }: PushOptions,
): Promise<ImageTransfer[]> {
  const found = await Promise.all(
    wanted.map(async (reference) => ({
      reference,
      images: await storedPlatforms(layout, withBuildId(reference.reference, buildId)),
    })),
  );
  const missing = found.flatMap(({ reference: { reference, platforms }, images }) =>
    platforms
      .filter((platform) => !images.has(formatPlatform(platform)))
      .map((platform) => ({ reference, platform })),
  );
  if (missing.length > 0) throw notBuilt(missing, wanted, { action: "push", select, buildId });

  const source = layoutSource(layout);
  const parents = parentRepositories(targets);
  const plans = found.map(async ({ reference, images }) => {
    const { repository, tag, platforms, listed, aliases } = reference;
    const mountFrom = (parents.get(repository) ?? []).map((name) => within(prefix, name));
    const name = withBuildId(reference.reference, buildId);
    const transfer = ({ digest }: Descriptor, tags: readonly string[]): ImageTransfer => ({
      source,
      from: { repository, reference: digest, name },
      destination,
      to: { repository: within(prefix, repository), tags },
      referrers: true,
      mountFrom,
    });
    const own = [tag, ...aliases].map((one) => withBuildId(one, buildId));
    const singles = platforms.flatMap((platform) => {
      const image = images.get(formatPlatform(platform));
      return image === undefined ? [] : [{ image, tag: platformTag(tag, platform, buildId) }];
    });
    // A job that pushes its platform alone leaves the rest to `hive finalize`.
    const isPart = listed.some((platform) => !platforms.some((one) => samePlatform(one, platform)));
    if (isPart) return singles.map((single) => transfer(single.image, [single.tag]));
    const whole = await nameImages(layout, images, listed.length > 0 ? listed : platforms);
    const [only] = singles;
    if (only?.image.digest === whole.digest) return [transfer(whole, [only.tag, ...own])];
    return [...singles.map((single) => transfer(single.image, [single.tag])), transfer(whole, own)];
  });
  return (await Promise.all(plans)).flat();
}

/** Repository -> those of the images that it builds on. */
function parentRepositories(targets: Plan["targets"]): ReadonlyMap<string, readonly string[]> {
  const names = new Map(targets.map(({ id, name }) => [id, name]));
  return new Map(
    [...Map.groupBy(targets, ({ name }) => name)].map(([name, those]) => [
      name,
      [
        ...new Set(
          those.flatMap(({ dependencies }) =>
            dependencies.flatMap(({ target }) => names.get(target) ?? []),
          ),
        ),
      ],
    ]),
  );
}
