import { realpath, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { storageError } from "../base/storage-error.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { type BlobStore, ContentMismatch, type StoredBlob, streamBlob } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import { type Digest, digestAlgorithm, digestHex } from "./digest.ts";
import type { ImageLayout } from "./layout.ts";
import { emptyLayoutIndex, named, referenceAnnotation } from "./layout-index.ts";
import { layoutMarker } from "./make-layout.ts";
import { isAnyManifestType, isNonDistributable } from "./media-types.ts";
import { manifestContent } from "./manifest.ts";
import { formatPlatform } from "./platform.ts";
import { parseReference } from "./reference.ts";
import { reachableBlobs } from "./reachable-blobs.ts";
import { readManifest, resolveImage } from "./resolve-image.ts";
import { type TarFile, tarStream } from "./tar-stream.ts";

/** Takes an archive piece by piece; the next piece comes when it has taken the last. */
export type ArchiveSink = (chunk: Uint8Array) => void | Promise<void>;

/**
 * An image or index of a layout, alone, as a tar of an OCI image layout. The same image gives the same bytes.
 * @param name `base:1.0`, which the archive then carries, or a digest.
 * @throws HiveError when it is not there or not whole.
 */
export async function* ociArchive(layout: ImageLayout, name: string): AsyncGenerator<Uint8Array> {
  const image = await resolveImage(layout, name);
  yield* tarStream([
    ...layoutFiles([name === image.digest ? image : named(image, name)]),
    ...(await blobFiles(layout.blobs, image)),
  ]);
}

/**
 * An image for one platform as `docker load` takes it. It is an OCI layout at the same time, which is what engines
 * with containerd's image store read. Layers stay as they are compressed.
 * @param tags References that the image gets: `base:1.0`.
 * @throws HiveError when it is not there, not whole, or for several platforms; SyntaxError for a tag that is none.
 */
export async function* dockerArchive(
  layout: ImageLayout,
  name: string,
  tags: readonly string[],
): AsyncGenerator<Uint8Array> {
  const image = await singleImage(layout.blobs, await resolveImage(layout, name), name);
  const manifest = await readManifest(layout.blobs, image);
  if (manifest.kind !== "image") throw new Error("Internal error: not a single image");
  const entry = {
    Config: blobName(manifest.config),
    RepoTags: tags,
    Layers: manifest.layers.map(blobName),
  };
  yield* tarStream([
    ...layoutFiles(tags.length === 0 ? [image] : tags.map((tag) => dockerNamed(image, tag))),
    jsonFile("manifest.json", [entry]),
    ...(await blobFiles(layout.blobs, image)),
  ]);
}

/**
 * Writes an archive to a file, which is there whole or not at all, or into a sink. What is no file, as a device or a
 * pipe, is written to and never replaced; a link is followed.
 * @throws HiveError when the disk is full.
 */
export async function writeArchive(
  archive: AsyncIterable<Uint8Array>,
  destination: string | ArchiveSink,
): Promise<void> {
  if (typeof destination !== "string") {
    for await (const chunk of archive) await destination(chunk);
    return;
  }
  try {
    const existing = await stat(destination).catch(() => undefined);
    if (existing === undefined) await writeFileAtomically(destination, archive);
    else if (existing.isFile()) await writeFileAtomically(await realpath(destination), archive);
    else await writeFile(destination, archive);
  } catch (error) {
    throw storageError(error, dirname(destination));
  }
}

/** The image itself, or the only one of an index apart from attestations. */
async function singleImage(blobs: BlobStore, image: Descriptor, name: string): Promise<Descriptor> {
  const manifest = await readManifest(blobs, image);
  if (manifest.kind === "image") return image;
  const images = manifest.manifests.filter(({ platform }) => platform?.os !== "unknown");
  const [only] = images;
  if (only !== undefined && images.length === 1) return await singleImage(blobs, only, name);
  const platforms = images.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []));
  throw new HiveError(
    "usage",
    `Cannot make a Docker archive of "${name}": it has several platforms`,
    {
      hint: `Choose one of ${platforms.join(", ")}, or write an OCI archive.`,
    },
  );
}

function layoutFiles(manifests: readonly Descriptor[]): readonly TarFile[] {
  return [
    jsonFile("index.json", { ...emptyLayoutIndex(), manifests }),
    jsonFile("oci-layout", layoutMarker),
  ];
}

/** All that `root` needs, in the order of its names. */
async function blobFiles(blobs: BlobStore, root: Descriptor): Promise<readonly TarFile[]> {
  const reachable = await reachableBlobs(blobs, [root]);
  for (const descriptor of reachable.values()) await checkWhole(blobs, descriptor, reachable);
  return [...reachable.values()]
    .map((descriptor) => blobFile(blobs, descriptor))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function checkWhole(
  blobs: BlobStore,
  descriptor: Descriptor,
  reachable: ReadonlyMap<string, Descriptor>,
): Promise<void> {
  if (!isAnyManifestType(descriptor.mediaType)) return;
  const manifest = await readManifest(blobs, descriptor);
  const missing = manifestContent(manifest).find(
    ({ digest, mediaType }) => !reachable.has(digest) && !isNonDistributable(mediaType),
  );
  if (missing !== undefined) throw unusableBlob(missing, "missing");
}

function blobFile(blobs: BlobStore, descriptor: Descriptor): TarFile {
  const blob = blobs.find(descriptor.digest);
  if (blob === undefined) throw unusableBlob(descriptor, "missing");
  return { name: blobName(descriptor), size: blob.size, content: () => wholeBlob(blob) };
}

async function* wholeBlob(blob: StoredBlob): AsyncGenerator<Uint8Array> {
  try {
    yield* streamBlob(blob);
  } catch (error) {
    throw error instanceof ContentMismatch ? unusableBlob(blob, "damaged") : error;
  }
}

function unusableBlob({ digest }: { readonly digest: Digest }, how: string): HiveError {
  return new HiveError("failed", `Cannot archive the image: blob ${digest} is ${how}`, {
    hint: "Build the image again.",
  });
}

function blobName({ digest }: Descriptor): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

/** containerd's store takes names as they are written here, and the engine finds only those in full. */
function dockerNamed(image: Descriptor, name: string): Descriptor {
  const { registry, repository, tag = "latest" } = parseReference(name);
  const path =
    registry === undefined && !repository.includes("/") ? `library/${repository}` : repository;
  return {
    ...image,
    annotations: {
      "io.containerd.image.name": `${registry ?? "docker.io"}/${path}:${tag}`,
      [referenceAnnotation]: tag,
    },
  };
}

function jsonFile(name: string, value: unknown): TarFile {
  const content = Buffer.from(JSON.stringify(value));
  return { name, size: content.byteLength, content };
}
