import { basename } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import {
  type BlobStore,
  ContentMismatch,
  readBlob,
  type StoredBlob,
  streamBlob,
} from "../../oci/blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Digest, isDigest } from "../../oci/digest.ts";
import { readLayoutIndex, referenceName } from "../../oci/layout-index.ts";
import { parseManifest } from "../../oci/manifest.ts";
import { isAnyManifestType } from "../../oci/media-types.ts";
import { maxManifestSize, readManifest } from "../../oci/resolve-image.ts";
import type { RemoteManifest } from "../../remote/manifests.ts";
import { isReferrersTag } from "../../remote/manifests/referrers-tag.ts";
import type { ImageSource } from "./image-transfer.ts";

/** An image layout to read from. */
export type LayoutDirectory = { readonly directory: string; readonly blobs: BlobStore };

/** The images of an image layout, which are asked for by digest: the repository of a question does not matter. */
export function layoutSource(layout: LayoutDirectory): ImageSource {
  const { directory, blobs } = layout;
  const name = basename(directory);
  const find = async (reference: string): Promise<RemoteManifest | undefined> =>
    isDigest(reference) ? await findManifest(blobs, reference, name) : undefined;
  let listed: Promise<ReadonlyMap<Digest, readonly Descriptor[]>> | undefined;
  return {
    name,
    findDescriptor: async (_, reference) => (await find(reference))?.descriptor,
    findManifest: (_, reference) => find(reference),
    openBlob(_, { digest, size }) {
      const blob = blobs.find(digest);
      if (blob?.size !== size) {
        const how = blob === undefined ? "missing" : "damaged";
        throw new HiveError("failed", `the blob ${digest} is ${how} in "${directory}"`, {
          hint: "Build the image again.",
        });
      }
      return (offset) => Bun.file(blob.path).slice(offset);
    },
    async checkBlob(_, { digest }) {
      const blob = blobs.find(digest);
      if (blob === undefined || (await isWhole(blob))) return;
      throw new HiveError("failed", `the blob ${digest} is damaged in "${directory}"`, {
        hint: "Build the image again.",
      });
    },
    async referrers(_, digest) {
      listed ??= listReferrers(layout);
      return (await listed).get(digest) ?? [];
    },
  };
}

async function isWhole(blob: StoredBlob): Promise<boolean> {
  try {
    for await (const _ of streamBlob(blob)) {
      // It compares the digest at its end.
    }
    return true;
  } catch (error) {
    if (error instanceof ContentMismatch) return false;
    throw error;
  }
}

async function findManifest(
  blobs: BlobStore,
  digest: Digest,
  name: string,
): Promise<RemoteManifest | undefined> {
  try {
    const bytes = await readBlob(blobs, digest, maxManifestSize);
    if (bytes === undefined) return undefined;
    const manifest = parseManifest(bytes);
    const descriptor = { mediaType: manifest.mediaType, digest, size: bytes.byteLength };
    return { descriptor, bytes, manifest };
  } catch (cause) {
    throw new HiveError("failed", `the manifest ${digest} in ${name} is damaged`, {
      cause,
      hint: "Build the image again.",
    });
  }
}

/**
 * What refers to what: entries of `index.json` without a name may, as may what is listed under the tag that stands for
 * what refers to a subject.
 */
async function listReferrers({
  directory,
  blobs,
}: LayoutDirectory): Promise<ReadonlyMap<Digest, readonly Descriptor[]>> {
  const entries = (await readLayoutIndex(directory))?.manifests ?? [];
  const found = new Map<Digest, Map<Digest, Descriptor>>();
  for (const entry of entries) {
    const name = referenceName(entry);
    if (name !== undefined && !isReferrersTag(name)) continue;
    if (!isAnyManifestType(entry.mediaType)) continue;
    const manifest = await readManifest(blobs, entry);
    const listed = name === undefined || manifest.kind === "image" ? [entry] : manifest.manifests;
    for (const one of listed) {
      const subject = one === entry ? manifest.subject : (await readManifest(blobs, one)).subject;
      if (subject === undefined) continue;
      const those = found.get(subject.digest) ?? new Map<Digest, Descriptor>();
      found.set(subject.digest, those.set(one.digest, one));
    }
  }
  return new Map([...found].map(([subject, those]) => [subject, [...those.values()]]));
}
