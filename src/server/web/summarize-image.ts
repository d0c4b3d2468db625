import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { isImageConfigType } from "../../oci/image-config.ts";
import { type ImageManifest, manifestContent } from "../../oci/manifest.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { ManifestRecord } from "../../registry/store/metadata-store.ts";
import type { ContentReader, Problem } from "./content-reader.ts";

/** What one row about an image shows. */
export type ImageSummary = {
  readonly platforms: readonly string[];
  /** Bytes of every blob it consists of. */
  readonly sizes: ReadonlyMap<Digest, number>;
  /** Whether `sizes` has all: nothing was missing, nothing skipped. */
  readonly complete: boolean;
  /** RFC 3339. */
  readonly created: string | undefined;
  /** What it is when it is no image that could be run. */
  readonly artifactType: string | undefined;
  readonly problem: Problem | undefined;
};

const childLimit = 32;

/** Reads what an image, or the images of an index, consist of. */
export async function summarizeImage(
  reader: ContentReader,
  repository: string,
  record: ManifestRecord,
): Promise<ImageSummary> {
  const summary = new Summary();
  await addManifest(summary, reader, repository, record, undefined);
  return summary;
}

/** The sum over everything, each blob once. */
export function totalSize(summaries: readonly Pick<ImageSummary, "sizes">[]): number {
  const all = new Map(summaries.flatMap(({ sizes }) => [...sizes]));
  return [...all.values()].reduce((sum, size) => sum + size, 0);
}

class Summary implements ImageSummary {
  readonly platforms: string[] = [];
  readonly sizes = new Map<Digest, number>();
  complete = true;
  created: string | undefined;
  artifactType: string | undefined;
  problem: Problem | undefined;
}

async function addManifest(
  summary: Summary,
  reader: ContentReader,
  repository: string,
  { digest, size }: Pick<ManifestRecord, "digest" | "size">,
  listed: Descriptor | undefined,
): Promise<void> {
  const content = await reader.manifest(repository, digest);
  if ("problem" in content) {
    summary.complete = false;
    // What an index lacks is no fault: clients copy single platforms.
    if (listed === undefined) summary.problem = content.problem;
    return;
  }
  summary.sizes.set(digest, size);
  const manifest = content.value;
  if (manifest.kind === "image") {
    return await addImage(summary, reader, repository, manifest, listed);
  }
  summary.artifactType ??= manifest.artifactType;
  if (manifest.manifests.length > childLimit) summary.complete = false;
  for (const child of manifest.manifests.slice(0, childLimit)) {
    const platform = platformOf(child);
    if (platform !== undefined) summary.platforms.push(platform);
    // An index in an index is not followed: nothing makes such images, and they need no end.
    if (listed === undefined) await addManifest(summary, reader, repository, child, child);
  }
}

async function addImage(
  summary: Summary,
  reader: ContentReader,
  repository: string,
  manifest: ImageManifest,
  listed: Descriptor | undefined,
): Promise<void> {
  for (const { digest, size } of manifestContent(manifest)) summary.sizes.set(digest, size);
  if (!isImageConfigType(manifest.config.mediaType) || manifest.artifactType !== undefined) {
    if (listed === undefined) {
      summary.artifactType = manifest.artifactType ?? manifest.config.mediaType;
    }
    return;
  }
  const config = await reader.config(repository, manifest.config);
  if ("problem" in config) {
    if (listed === undefined) summary.problem = config.problem;
    return;
  }
  const { platform, created } = config.value;
  if (listed === undefined && isKnown(platform)) summary.platforms.push(platform);
  if (created !== undefined && (summary.created === undefined || created > summary.created)) {
    summary.created = created;
  }
}

/** The platform that an index gives a child; undefined for attestations, which BuildKit lists as `unknown/unknown`. */
export function platformOf({ platform }: Descriptor): string | undefined {
  if (platform === undefined) return undefined;
  const text = formatPlatform(platform);
  return isKnown(text) ? text : undefined;
}

function isKnown(platform: string): boolean {
  return !platform.startsWith("unknown");
}
