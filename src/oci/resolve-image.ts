import { closestNames } from "../base/closest.ts";
import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import { shortList } from "../base/short-list.ts";
import { type BlobStore, readBlob } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import { type Digest, isDigest } from "./digest.ts";
import type { ImageLayout } from "./layout.ts";
import { type Manifest, parseManifest } from "./manifest.ts";

/** What a registry takes is a quarter of it; what is in a layout may come from elsewhere. */
export const maxManifestSize = 16 * 1024 * 1024;

/**
 * The image or index that `name`, as `base:1.0` or a digest, stands for in a layout.
 * @throws HiveError when it is not there, or the digest is that of something else.
 */
export async function resolveImage(layout: ImageLayout, name: string): Promise<Descriptor> {
  const found = isDigest(name)
    ? await describeManifest(layout.blobs, name)
    : await layout.find(name);
  if (found !== undefined) return found;
  const known = (await layout.references()).map((reference) => reference.name);
  throw new HiveError("usage", `Cannot find image "${name}" in "${layout.directory}"`, {
    hint: hintFor(name, known),
  });
}

function hintFor(name: string, known: readonly string[]): string {
  if (known.length === 0) return "There is no image yet: build it first.";
  const [repository = name] = name.split(":");
  const near = [
    ...new Set([
      ...closestNames(name, known),
      ...known.filter((reference) => reference.startsWith(`${repository}:`)).slice(0, 3),
    ]),
  ];
  if (near.length > 0) return `Did you mean ${near.join(", ")}?`;
  return `It has ${shortList(known)}.`;
}

/** The descriptor of a stored manifest; undefined when it is not there. */
async function describeManifest(blobs: BlobStore, digest: Digest): Promise<Descriptor | undefined> {
  try {
    const bytes = await readBlob(blobs, digest, maxManifestSize);
    if (bytes === undefined) return undefined;
    return { mediaType: parseManifest(bytes).mediaType, digest, size: bytes.byteLength };
  } catch (error) {
    // Of a layer or a configuration, say.
    const problem = errorMessage(error);
    throw new HiveError("usage", `Cannot use ${digest} as an image: ${problem}`, {
      cause: error,
      hint: "Name an image by its reference, or by the digest that hive list shows.",
    });
  }
}

/**
 * Reads the manifest that a descriptor points at.
 * @throws HiveError when it is missing or damaged.
 */
export async function readManifest(blobs: BlobStore, descriptor: Descriptor): Promise<Manifest> {
  const { digest, mediaType } = descriptor;
  let problem = "it is missing";
  try {
    const bytes = await readBlob(blobs, digest, maxManifestSize);
    if (bytes !== undefined) return parseManifest(bytes, mediaType);
  } catch (error) {
    problem = errorMessage(error);
  }
  throw new HiveError("failed", `Cannot read manifest ${digest}: ${problem}`, {
    hint: "Build the image again.",
  });
}
