import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { type Manifest, manifestContent } from "../../oci/manifest.ts";
import { isAnyManifestType, isIndexType, isNonDistributable } from "../../oci/media-types.ts";
import type { RemoteManifest } from "../../remote/manifests.ts";
import { writtenReference } from "../../remote/written-reference.ts";
import { bringBlob } from "./bring-blob.ts";
import { settleAll, settleEach } from "./settle-all.ts";
import { ask, type ImageRun, placeOf, wayOf } from "./transfer-run.ts";

/** Indexes in indexes; what tools make has one level or two. */
const maxDepth = 8;

/** Manifests that one image may lead to, what refers to it included. */
const maxManifests = 5000;

/** Manifests of one index that are looked at side by side: they are all that is held in memory. */
const childrenAtATime = 8;

/** Blobs of one manifest that wait side by side, the biggest for the first turn: more than images have, less than one may list. */
const blobsAtATime = 256;

/**
 * Has a manifest in the repository that an image goes to, by its digest, with everything it lists. An image that is there is
 * whole, which registries see to; an index may lack what it lists.
 * @throws HiveError
 */
export async function bringManifest(
  image: ImageRun,
  { digest, mediaType }: Descriptor,
  depth = 0,
): Promise<void> {
  const { run, transfer } = image;
  await run.manifests.once(placeOf(transfer, digest), wayOf(transfer), async () => {
    if (!isIndexType(mediaType) && (await stands(image, digest))) return;
    const found = await readManifest(image, digest);
    await bringContent(image, found.manifest, depth);
    await putManifest(image, digest, found);
  });
}

/** Has everything that a manifest lists in the repository that an image goes to. @throws HiveError */
export async function bringContent(image: ImageRun, manifest: Manifest, depth = 0): Promise<void> {
  const listed = [...new Map(manifestContent(manifest).map((one) => [one.digest, one])).values()];
  const manifests = listed.filter(isManifest);
  // BuildKit's older cache exports have layers in an index.
  const blobs = listed.filter((one) => !isManifest(one) && !isElsewhere(one));
  image.manifests += manifests.length;
  if (image.manifests > maxManifests || (manifests.length > 0 && depth >= maxDepth)) {
    throw new HiveError("failed", "it has more manifests than any image needs", {
      hint: `The limits are ${maxManifests} manifests, and indexes ${maxDepth} levels deep.`,
    });
  }
  await settleAll([
    settleEach(blobs, blobsAtATime, (blob) => bringBlob(image, blob)),
    settleEach(manifests, childrenAtATime, (one) => bringManifest(image, one, depth + 1)),
  ]);
}

/** A manifest at the source. @throws HiveError "failed" when it is not there */
export async function readManifest(
  { run, transfer }: ImageRun,
  reference: string,
): Promise<RemoteManifest> {
  const { source, from } = transfer;
  const found = await ask(run, () => source.findManifest(from.repository, reference));
  if (found !== undefined) return found;
  const what = writtenReference(from.repository, reference);
  throw new HiveError("failed", `there is no ${what} in ${source.name}`, {
    hint: "If it is a platform that was never copied there, name those that were with --platform.",
  });
}

/** Writes a manifest at the destination under a tag or its digest, unless nothing is to be written. @throws HiveError */
export async function putManifest(
  { run, transfer }: ImageRun,
  reference: string,
  { descriptor, bytes }: Pick<RemoteManifest, "descriptor" | "bytes">,
): Promise<void> {
  if (run.options.dryRun) return;
  const { destination, to } = transfer;
  const content = { mediaType: descriptor.mediaType, bytes };
  await ask(run, () => destination.putManifest(to.repository, reference, content));
}

/** Whether the destination has a manifest. @throws HiveError */
export async function stands({ run, transfer }: ImageRun, digest: Digest): Promise<boolean> {
  const { destination, to } = transfer;
  const found = await ask(run, () => destination.headManifest(to.repository, digest));
  return found !== undefined;
}

function isManifest({ mediaType }: Descriptor): boolean {
  return isAnyManifestType(mediaType);
}

/** Layers that no registry need have, as those of Windows: clients fetch them from the URLs. */
function isElsewhere({ mediaType, urls = [] }: Descriptor): boolean {
  return isNonDistributable(mediaType) && urls.length > 0;
}
