import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { type Manifest, manifestContent } from "../../oci/manifest.ts";
import { isAnyManifestType, isIndexType } from "../../oci/media-types.ts";
import { writtenReference } from "../../remote/written-reference.ts";
import { bringManifest, readManifest, stands } from "./bring-manifest.ts";
import { settleEach } from "./settle-all.ts";
import { ask, type ImageRun } from "./transfer-run.ts";

/** A signature of an SBOM of an image is the second level. */
const maxDepth = 4;

/** What refers to one image, through all levels. */
const maxReferrers = 1000;

const atATime = 8;

/** What refers to an image, its platforms, and to what refers to those, each once. */
export async function findReferrers(
  image: ImageRun,
  subjects: readonly Digest[],
): Promise<readonly Descriptor[]> {
  const { run, transfer } = image;
  const { source, from } = transfer;
  const found = new Map<Digest, Descriptor>();
  let level = [...new Set(subjects)];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const next: Digest[] = [];
    await settleEach(level, atATime, async (subject) => {
      for (const one of await ask(run, () => source.referrers(from.repository, subject))) {
        if (found.has(one.digest)) continue;
        found.set(one.digest, one);
        next.push(one.digest);
      }
    });
    if (found.size > maxReferrers) {
      throw new HiveError("failed", `more than ${maxReferrers} artifacts refer to it`, {
        hint: "Leave them behind, or remove those that nobody needs.",
      });
    }
    level = next;
  }
  return [...found.values()];
}

/**
 * Has what refers to an image in the repository that the image goes to. What a list still has although it is gone is told, and
 * left out.
 * @throws HiveError
 */
export async function bringReferrers(
  image: ImageRun,
  referrers: readonly Descriptor[],
): Promise<void> {
  const { run, transfer } = image;
  const { source, from } = transfer;
  await settleEach(referrers, atATime, async (one) => {
    if (await stands(image, one.digest)) return;
    const there = await ask(run, () => source.findDescriptor(from.repository, one.digest));
    if (there !== undefined) return await bringManifest(image, one);
    const what = writtenReference(from.repository, one.digest);
    const message = `${source.name} lists ${what} as referring to the image, and does not have it`;
    run.options.emit({ type: "warning", message });
  });
}

/** The manifests of an index that something may refer to: those of platforms, not what attests to them. */
export async function subjectsIn(
  image: ImageRun,
  manifest: Manifest,
  depth = 0,
): Promise<readonly Digest[]> {
  if (manifest.kind === "image" || depth >= maxDepth) return [];
  const listed = manifestContent(manifest).filter(
    ({ mediaType, platform }) => isAnyManifestType(mediaType) && platform?.os !== "unknown",
  );
  const nested: Digest[] = [];
  await settleEach(
    listed.filter(({ mediaType }) => isIndexType(mediaType)),
    atATime,
    async ({ digest }) => {
      const inner = await readManifest(image, digest);
      nested.push(...(await subjectsIn(image, inner.manifest, depth + 1)));
    },
  );
  return [...listed.map(({ digest }) => digest), ...nested];
}
