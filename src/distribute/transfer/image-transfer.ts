import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { OpenBlob, RemoteRegistry } from "../../remote/open-registry.ts";
import type { RemoteManifest } from "../../remote/manifests.ts";

/** Where images come from: a registry, or the store of a project. */
export type ImageSource = {
  /** For people and records: `registry.example.com`, or `.hive`. */
  readonly name: string;
  /** The registry, if it is one: blobs are mounted where source and destination are the same. */
  readonly registry?: RemoteRegistry;
  /** What a tag or digest stands for, without reading it where that is cheaper; undefined when there is none. */
  findDescriptor(repository: string, reference: string): Promise<Descriptor | undefined>;
  /** Verified; undefined when there is none. `reference` is a tag or a digest; for the store a digest. */
  findManifest(repository: string, reference: string): Promise<RemoteManifest | undefined>;
  /**
   * The bytes of a blob, for one upload. Who takes them compares the digest.
   * @throws HiveError where it is known at once that they can't be had
   */
  openBlob(repository: string, descriptor: Descriptor, signal: AbortSignal): OpenBlob;
  /** Reads a blob and compares its digest: who was to take it says that it is something else. @throws HiveError when it is */
  checkBlob(repository: string, descriptor: Descriptor, signal: AbortSignal): Promise<void>;
  /** What refers to a manifest: signatures, SBOMs, reports. */
  referrers(repository: string, digest: Digest): Promise<readonly Descriptor[]>;
};

/** A manifest, and a tag that stands for it. */
export type TaggedManifest = { readonly tag: string; readonly descriptor: Descriptor };

/** One image or index, with all that it consists of, to be brought to one repository under some tags. */
export type ImageTransfer = {
  readonly source: ImageSource;
  readonly from: {
    readonly repository: string;
    /** A tag or a digest. */
    readonly reference: string;
    /** What people call it, where the reference is a digest: `app:1.0`. */
    readonly name?: string;
  };
  readonly destination: RemoteRegistry;
  readonly to: {
    readonly repository: string;
    /** Tags that are to stand for it; none: it is there by its digest alone. */
    readonly tags: readonly string[];
  };
  /** `linux/arm64`: of an index only these, in an index of their own; undefined: all, byte for byte. */
  readonly platforms?: readonly string[];
  /** Whether what refers to it (and to its platforms) goes along. */
  readonly referrers: boolean;
  /** What else goes along under tags of its own, before the image has its tags. */
  readonly alongside?: readonly TaggedManifest[];
  /** Repositories of the destination that may have its blobs, likeliest first: they are mounted from there. */
  readonly mountFrom?: readonly string[];
};

/** What became of an `ImageTransfer`. */
export type TransferResult = {
  /** `registry.example.com/team/app`. */
  readonly name: string;
  readonly digest: Digest;
  /** Whether anything of the image itself had to be written. */
  readonly changed: boolean;
  readonly tags: readonly {
    readonly tag: string;
    /** Whether the tag did not stand for it before. */
    readonly changed: boolean;
  }[];
  /**
   * Bytes of blobs that moved, and of those that were mounted, and of those that were there, another image of the run having
   * brought them included. Of what stands there already blobs are not asked for: all are 0.
   */
  readonly bytes: { readonly sent: number; readonly mounted: number; readonly there: number };
};
