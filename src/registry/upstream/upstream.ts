import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Manifest } from "../../oci/manifest.ts";

/**
 * A registry elsewhere, as far as one that keeps copies asks it. Everything throws HiveError when it can't be asked,
 * "unauthorized" where it refuses; what is not there is undefined. Names are its own. Disposing ends what is under way.
 */
export type Upstream = Disposable & {
  /** For people: `https://registry-1.docker.io`. */
  readonly origin: string;
  /** What a tag stands for, without its content. */
  findDigest(repository: string, tag: string): Promise<Digest | undefined>;
  /** A manifest by tag or digest, verified. */
  findManifest(repository: string, reference: string): Promise<UpstreamManifest | undefined>;
  /** Bytes of a blob. */
  blobSize(repository: string, digest: Digest): Promise<number | undefined>;
  /** A blob's content, not verified; the signal ends it. */
  findBlob(
    repository: string,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<UpstreamBlob | undefined>;
  /** In any order; none where there is no such repository. */
  tags(repository: string): Promise<readonly string[]>;
  referrers(repository: string, digest: Digest): Promise<readonly Descriptor[]>;
};

export type UpstreamManifest = {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
};

export type UpstreamBlob = {
  /** Undefined where the registry does not say. */
  readonly size: number | undefined;
  readonly content: ReadableStream<Uint8Array>;
};

/** Names below `name/` are those of another registry, and are kept when somebody asked for them. */
export type Mirror = {
  /** The registry's own name, as it stands in references: `docker.io`, `registry.example.com:5000`. */
  readonly name: string;
  readonly upstream: Upstream;
};
