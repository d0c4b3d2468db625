import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isImageConfigType, parseImageConfig } from "../../oci/image-config.ts";
import type { ImageIndex, ImageManifest, Manifest } from "../../oci/manifest.ts";
import { isManifestType } from "../../oci/media-types.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";

/** How old an image is. */
export type ImageTime = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `pushed`: when it came, or later. `built`: when it was made as it says itself, which may be long before it came. */
  readonly from: "pushed" | "built";
};

type Known = {
  readonly tags: readonly string[];
  /** What the registry says of the tags, milliseconds since 1970. */
  readonly modified: readonly number[];
  readonly manifest: Manifest;
  readonly referrers: readonly Descriptor[];
};

/**
 * The newest of the times that are known of an image: in its tags, of its coming, of what is attached to it, and its own. Its
 * configuration is asked only where nothing tells when it came. Undefined where nothing tells anything.
 * @throws HiveError when the registry can't be asked
 */
export async function imageTime(
  registry: RemoteRegistry,
  repository: string,
  { tags, modified, manifest, referrers }: Known,
): Promise<ImageTime | undefined> {
  const came = timesIn([...tags.map(timeInTag), ...modified]);
  const attached = timesIn(referrers.map(({ annotations }) => createdIn(annotations)));
  const own = createdIn(manifest.annotations);
  const built = came.length > 0 ? undefined : await configTime(registry, repository, manifest);
  const all = [...came, ...attached, ...timesIn([own, built])];
  if (all.length === 0) return undefined;
  return {
    at: Math.max(...all),
    from: came.length + attached.length > 0 ? "pushed" : "built",
  };
}

/** What the tag strategy `timestamp` wrote: `20260112-143022`, UTC. */
export function timeInTag(tag: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(?!\d)/.exec(tag)?.slice(1) ?? [];
  const [year = "", month = "", day = "", ...time] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${time.join(":")}Z`);
  return Number.isNaN(at) ? undefined : at;
}

function createdIn(annotations: Descriptor["annotations"]): number | undefined {
  return parseTime(annotations?.["org.opencontainers.image.created"]);
}

function parseTime(text: string = ""): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function timesIn(times: readonly (number | undefined)[]): number[] {
  return times.filter((time) => time !== undefined);
}

/** Of an index that of its first image: they are built together. Undefined where it can't be read. */
async function configTime(
  registry: RemoteRegistry,
  repository: string,
  manifest: Manifest,
): Promise<number | undefined> {
  try {
    const image =
      manifest.kind === "image" ? manifest : await firstImage(registry, repository, manifest);
    if (image === undefined || !isImageConfigType(image.config.mediaType)) return undefined;
    return parseTime(parseImageConfig(await registry.blob(repository, image.config)).created);
  } catch (error) {
    // A damaged image has no time; that of a registry that does not answer is not known yet.
    const isDamaged = error instanceof HiveError && error.kind === "failed";
    if (isDamaged || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function firstImage(
  registry: RemoteRegistry,
  repository: string,
  { manifests }: ImageIndex,
): Promise<ImageManifest | undefined> {
  const first = manifests.find(
    ({ mediaType, platform }) => platform?.os !== "unknown" && isManifestType(mediaType),
  );
  if (first === undefined) return undefined;
  const found = await registry.findManifest(repository, first.digest);
  return found?.manifest.kind === "image" ? found.manifest : undefined;
}
