import { mapLimited } from "../../base/map-limited.ts";
import { attestationAnnotations } from "../../oci/attestation-annotations.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Digest, digestAlgorithm, digestHex } from "../../oci/digest.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { TaggedManifest } from "../transfer/image-transfer.ts";
import type { Attached } from "./evidence.ts";

/** An image as a gate sees it. */
export type AttachedTo = {
  /** To the image or index itself. */
  readonly whole: readonly Attached[];
  /** To each image of an index. Empty for what is no index. */
  readonly images: readonly {
    /** `linux/arm64`. */
    readonly platform: string;
    readonly attached: readonly Attached[];
  }[];
  /** What cosign attaches by tags, which no list of referrers has. */
  readonly tags: readonly TaggedManifest[];
};

/** What cosign makes tags for: their endings, and what stands there, where that need not be looked at. */
const cosignKinds = [
  ["sig", "application/vnd.dev.cosign.simplesigning.v1+json"],
  ["sbom", "application/vnd.dev.cosign.artifact.sbom.v1+json"],
  ["att", undefined],
] as const;

const attestation = "attestation-manifest";
/** Types of artifacts that hold statements: their layers say of what kind each is. */
const holders = [
  "application/vnd.in-toto",
  "application/vnd.dsse",
  "application/vnd.dev.cosign.artifact.att.",
];
const parallel = 8;

/**
 * Finds what is attached to an image: what refers to it and to its platforms, what BuildKit puts beside them into an index,
 * and what stands under the tags that cosign makes of digests.
 * {@link https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md}
 * {@link https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#tag-based-discovery}
 * @throws HiveError
 */
export async function findAttached(
  registry: RemoteRegistry,
  repository: string,
  digest: Digest,
): Promise<AttachedTo> {
  const { manifest } = await registry.manifest(repository, digest);
  const listed = manifest.kind === "index" ? manifest.manifests : [];
  const images = listed.filter(
    ({ platform }) => platform !== undefined && platform.os !== "unknown",
  );
  const tags: TaggedManifest[] = [];

  async function attachedTo(subject: Digest): Promise<readonly Attached[]> {
    const referrers = await registry.referrers(repository, subject);
    const inReferrers = await mapLimited(referrers, parallel, async (one) => {
      // A list under a tag still has what was deleted since.
      if ((await registry.headManifest(repository, one.digest)) === undefined) return [];
      return holders.some((type) => one.artifactType?.startsWith(type) === true)
        ? [one, ...(await statementsOf(registry, repository, one))]
        : [one];
    });
    const byTags = await mapLimited(cosignKinds, parallel, async ([kind, artifactType]) => {
      const tag = `${digestAlgorithm(subject)}-${digestHex(subject)}.${kind}`;
      const found = await registry.headManifest(repository, tag);
      if (found === undefined) return [];
      tags.push({ tag, descriptor: found });
      if (artifactType === undefined) return await statementsOf(registry, repository, found);
      return [{ ...found, artifactType }];
    });
    return [...inReferrers.flat(), ...byTags.flat()];
  }

  const whole = await attachedTo(digest);
  const each = await mapLimited(images, parallel, async (image) => {
    const beside = listed.filter(
      ({ annotations }) =>
        annotations?.[attestationAnnotations.type] === attestation &&
        annotations[attestationAnnotations.digest] === image.digest,
    );
    const statements = await mapLimited(beside, parallel, (one) =>
      statementsOf(registry, repository, one),
    );
    return {
      platform: image.platform === undefined ? "" : formatPlatform(image.platform),
      attached: [...(await attachedTo(image.digest)), ...statements.flat()],
    };
  });
  const sorted = tags.toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
  return { whole, images: each, tags: sorted };
}

/** The layers of a manifest of statements: each says of what kind it is. */
async function statementsOf(
  registry: RemoteRegistry,
  repository: string,
  { digest }: Pick<Descriptor, "digest">,
): Promise<readonly Attached[]> {
  const found = await registry.findManifest(repository, digest);
  return found?.manifest.kind === "image" ? found.manifest.layers : [];
}
