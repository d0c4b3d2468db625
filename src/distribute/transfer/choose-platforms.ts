import { HiveError } from "../../base/hive-error.ts";
import { attestationAnnotations } from "../../oci/attestation-annotations.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf } from "../../oci/digest.ts";
import { isImageConfigType, parseImageConfig } from "../../oci/image-config.ts";
import { parseManifest } from "../../oci/manifest.ts";
import { describedPlatform, normalPlatform } from "../../oci/normal-platform.ts";
import type { RemoteManifest } from "../../remote/manifests.ts";

/** Bytes of a configuration; what is bigger is none. */
const configLimit = 8 * 1024 * 1024;

/**
 * Of an index only some platforms, and what attests to them, in an index of their own; all that it has is the index itself,
 * byte for byte. A single image is itself when it is for the platform.
 * @param platforms `linux/arm64`
 * @param readBlob reads the configuration of a single image, which says what it is for
 * @throws HiveError "usage" for a platform that it does not have
 */
export async function choosePlatforms(
  found: RemoteManifest,
  platforms: readonly string[],
  readBlob: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<RemoteManifest> {
  const wanted = new Set(platforms.map(normalPlatform));
  const { manifest } = found;
  if (manifest.kind === "image") {
    const { mediaType, size } = manifest.config;
    if (!isImageConfigType(mediaType) || size > configLimit) return found;
    const { platform } = parseImageConfig(await readBlob(manifest.config));
    requirePlatforms(wanted, [normalPlatform(platform)]);
    return found;
  }
  requirePlatforms(wanted, manifest.manifests.map(describedPlatform));
  const chosen = manifest.manifests.filter((one) => wanted.has(describedPlatform(one)));
  const digests = new Set<string>(chosen.map(({ digest }) => digest));
  const kept = manifest.manifests.filter(
    ({ digest, annotations }) =>
      digests.has(digest) || digests.has(annotations?.[attestationAnnotations.digest] ?? ""),
  );
  if (kept.length === manifest.manifests.length) return found;
  const document = JSON.parse(new TextDecoder().decode(found.bytes)) as Record<string, unknown>;
  const bytes = new TextEncoder().encode(JSON.stringify({ ...document, manifests: kept }));
  const { mediaType } = found.descriptor;
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength },
    bytes,
    manifest: parseManifest(bytes, mediaType),
  };
}

function requirePlatforms(wanted: ReadonlySet<string>, there: readonly string[]): void {
  const missing = [...wanted].filter((platform) => !there.includes(platform));
  if (missing.length === 0) return;
  const known = [...new Set(there)].filter((platform) => !platform.startsWith("unknown"));
  throw new HiveError("usage", `it is not for ${missing.join(", ")}`, {
    hint: known.length === 0 ? "It has no platforms." : `It is for ${known.join(", ")}.`,
  });
}
