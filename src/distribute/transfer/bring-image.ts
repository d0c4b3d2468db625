import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Digest, digestOf, isDigest } from "../../oci/digest.ts";
import { isIndexType } from "../../oci/media-types.ts";
import type { RemoteManifest } from "../../remote/manifests.ts";
import { writtenReference } from "../../remote/written-reference.ts";
import {
  bringContent,
  bringManifest,
  putManifest,
  readManifest,
  stands,
} from "./bring-manifest.ts";
import { bringReferrers, findReferrers, subjectsIn } from "./bring-referrers.ts";
import { choosePlatforms } from "./choose-platforms.ts";
import type { ImageTransfer, TransferResult } from "./image-transfer.ts";
import { settleAll, settleEach } from "./settle-all.ts";
import { ask, type ImageRun, placeOf, repositoryOf, wayOf } from "./transfer-run.ts";

/** The image itself: its digest, and its manifest, which is read when it is needed. */
type Root = {
  readonly digest: Digest;
  /** Where it is known without reading it. */
  readonly mediaType?: string;
  read(): Promise<RemoteManifest>;
};

/** Brings one image: the tags are asked first, and written last. @throws HiveError */
export async function bringImage(image: ImageRun): Promise<TransferResult> {
  const { transfer, bytes } = image;
  const { destination, to, alongside = [] } = transfer;
  const { root, standing } = await findBoth(image);
  const changed = new Set(to.tags.filter((tag) => standing.get(tag) !== root.digest));
  // What stands under one of its tags, or is asked for by its digest alone and stands, has all that it consists of.
  const isThere =
    changed.size < to.tags.length || (to.tags.length === 0 && (await stands(image, root.digest)));
  const referrers = transfer.referrers ? await referrersOf(image, root) : [];
  const written = to.tags.filter((tag) => changed.has(tag));
  // What refers to an image comes before its tags: who sees a tag sees the signature, too.
  const alone = referrers.length === 0 && alongside.length === 0;
  const [first = root.digest] = alone ? written : [];
  const done = isThere ? undefined : await bringRoot(image, root, first);
  await bringReferrers(image, referrers);
  for (const { tag, descriptor } of alongside) {
    await bringManifest(image, descriptor);
    await putManifest(image, tag, await readManifest(image, descriptor.digest));
  }
  for (const tag of written) {
    if (tag !== done) await putManifest(image, tag, await root.read());
  }
  return {
    name: `${destination.host}/${to.repository}`,
    digest: root.digest,
    changed: changed.size > 0 || !isThere,
    tags: to.tags.map((tag) => ({ tag, changed: changed.has(tag) })),
    bytes: { ...bytes },
  };
}

/** Resolves to the tag or digest that it was written under, if it had to be. */
async function bringRoot(
  image: ImageRun,
  root: Root,
  reference: string,
): Promise<string | undefined> {
  const { run, transfer } = image;
  // What keeps this tag from being written need not keep others.
  const way = `${wayOf(transfer)} ${reference}`;
  const { own } = await run.manifests.once(placeOf(transfer, root.digest), way, async () => {
    const whole = isThereWhole(image, root, reference);
    await settleAll([whole, root.read()]);
    const found = await root.read();
    if (!(await whole)) await bringContent(image, found.manifest);
    await putManifest(image, reference, found);
  });
  return own ? reference : undefined;
}

/** Whether an image that does not stand under its tag is there by its digest, with all that it consists of. */
async function isThereWhole(image: ImageRun, root: Root, reference: string): Promise<boolean> {
  const { lacking } = image.run;
  const repository = repositoryOf(image.transfer);
  // Without a tag that was asked already.
  if (isDigest(reference) || lacking.has(repository)) return false;
  if (isIndexType(await mediaTypeOf(root))) return false;
  const isThere = await stands(image, root.digest);
  if (!isThere) lacking.add(repository);
  return isThere;
}

async function mediaTypeOf(root: Root): Promise<string> {
  return root.mediaType ?? (await root.read()).descriptor.mediaType;
}

async function findRoot(image: ImageRun): Promise<Root> {
  const { run, transfer } = image;
  const { source, from, platforms } = transfer;
  const isPart = platforms !== undefined && platforms.length > 0;
  const isTag = !isDigest(from.reference);
  if (isPart || (isTag && run.lacking.has(repositoryOf(transfer)))) {
    const whole = await ask(run, () => source.findManifest(from.repository, from.reference));
    if (whole === undefined) throw noImage(transfer);
    if (!isPart) return rootOf(whole);
    return rootOf(await choosePlatforms(whole, platforms, (blob) => readBlob(image, blob)));
  }
  const found = isTag
    ? await ask(run, () => source.findDescriptor(from.repository, from.reference))
    : { digest: from.reference };
  if (found === undefined) throw noImage(transfer);
  let reading: Promise<RemoteManifest> | undefined;
  return { ...found, read: () => (reading ??= readManifest(image, found.digest)) };
}

function rootOf(manifest: RemoteManifest): Root {
  return { ...manifest.descriptor, read: () => Promise.resolve(manifest) };
}

function noImage({ source, from }: ImageTransfer): HiveError {
  const what = writtenReference(from.repository, from.reference);
  return new HiveError("failed", `there is no ${what} in ${source.name}`, {
    hint: "See whether its name and tag are right.",
  });
}

/** What there is to bring, and what its tags stand for now: both registries are asked at once. */
async function findBoth(
  image: ImageRun,
): Promise<{ readonly root: Root; readonly standing: ReadonlyMap<string, Digest | undefined> }> {
  const { run, transfer } = image;
  const { destination, to } = transfer;
  const standing = new Map<string, Digest | undefined>();
  const finding = findRoot(image);
  await settleAll([
    finding,
    settleEach(to.tags, to.tags.length, async (tag) => {
      const now = await ask(run, () => destination.headManifest(to.repository, tag));
      standing.set(tag, now?.digest);
      if (now !== undefined) run.lacking.delete(repositoryOf(transfer));
    }),
  ]);
  return { root: await finding, standing };
}

async function referrersOf(image: ImageRun, root: Root): Promise<readonly Descriptor[]> {
  if (!isIndexType(await mediaTypeOf(root))) return await findReferrers(image, [root.digest]);
  const { manifest } = await root.read();
  return await findReferrers(image, [root.digest, ...(await subjectsIn(image, manifest))]);
}

/** A small blob at the source, verified. @throws HiveError */
async function readBlob({ run, transfer }: ImageRun, descriptor: Descriptor): Promise<Uint8Array> {
  const { source, from } = transfer;
  const open = source.openBlob(from.repository, descriptor, run.options.signal);
  const bytes = await ask(run, async () => await new Response(open(0)).bytes());
  if (digestOf(bytes) === descriptor.digest) return bytes;
  throw new HiveError("failed", `the blob ${descriptor.digest} in ${source.name} is damaged`);
}
