import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { deleteBlob, getBlob, hasBlob } from "./blobs/blobs.ts";
import type { RemoteCredential } from "./credential.ts";
import { createEndpoint, type EndpointOptions } from "./endpoint.ts";
import { deleteManifest } from "./manifests/delete-manifest.ts";
import {
  deleteReference,
  findManifest,
  getManifest,
  headManifest,
  type ManifestStatus,
  type RemoteManifest,
  statManifest,
} from "./manifests.ts";
import { mountBlob } from "./blobs/mount-blob.ts";
import { catalog, tags } from "./names.ts";
import { putManifest } from "./manifests/put-manifest.ts";
import { readBlob } from "./blobs/read-blob.ts";
import { referrers } from "./manifests/referrers.ts";
import { createRemoteClient } from "./remote-client.ts";
import { writeBlob } from "./blobs/write-blob.ts";

/**
 * Any OCI registry. Everything throws HiveError: "unreachable" when nobody answers, "unauthorized" when it wants other
 * credentials, "failed" for whatever else it answers. A `reference` is a tag or a digest.
 */
export type RemoteRegistry = {
  /** `host[:port]`. */
  readonly host: string;
  /** `https://host[:port]`: the same for two clients of one registry. */
  readonly origin: string;
  /** Resolves when it is a registry and lets us in. */
  ping(): Promise<void>;
  /** Repositories, in the registry's order, page after page. */
  catalog(): AsyncIterable<string>;
  /** In the registry's order, page after page. No such repository is an error unless it may be missing. */
  tags(repository: string, ifMissing?: "fail" | "empty"): AsyncIterable<string>;
  /** Verified; fails when there is none. */
  manifest(repository: string, reference: string): Promise<RemoteManifest>;
  /** Undefined when there is none. */
  findManifest(repository: string, reference: string): Promise<RemoteManifest | undefined>;
  /** Undefined when there is none. */
  headManifest(repository: string, reference: string): Promise<Descriptor | undefined>;
  /** The same, and when it became what it is, where the registry tells. */
  statManifest(repository: string, reference: string): Promise<ManifestStatus | undefined>;
  /**
   * Writes a manifest or index under a tag, whatever stood there, or under its digest alone. Where it has a `subject` and the
   * registry takes no note of it, it is also listed under the tag that stands for what refers to that subject.
   */
  putManifest(
    repository: string,
    reference: string,
    content: { readonly mediaType: string; readonly bytes: Uint8Array },
  ): Promise<void>;
  /** A small blob as a whole, verified. */
  blob(repository: string, descriptor: Descriptor): Promise<Uint8Array>;
  /** Whether the repository has it. */
  hasBlob(repository: string, descriptor: Descriptor): Promise<boolean>;
  /**
   * A blob's bytes from `offset` on (default: all), as they come. Goes on where a connection broke, some times; errors at the
   * end when they are not what the descriptor says, as far as all of them came by and `verify` (default: true) is wanted.
   */
  readBlob(
    repository: string,
    descriptor: Descriptor,
    options?: {
      readonly offset?: number;
      readonly verify?: boolean;
      readonly signal?: AbortSignal;
    },
  ): ReadableStream<Uint8Array>;
  /** Takes over a blob that another repository of this registry has, without moving a byte; false: it can't be had so. */
  mountBlob(repository: string, descriptor: Descriptor, from: string): Promise<boolean>;
  /**
   * Uploads a blob; goes on where a connection broke, some times, or begins anew where the registry can't. The registry
   * compares the digest; `onRefused` is told when it says that the bytes are others, and may throw what it knows better.
   */
  writeBlob(
    repository: string,
    descriptor: Descriptor,
    open: OpenBlob,
    options?: {
      readonly onBytes?: (sent: number) => void;
      readonly onRefused?: () => Promise<void>;
      readonly signal?: AbortSignal;
    },
  ): Promise<void>;
  referrers(repository: string, digest: Digest): Promise<readonly Descriptor[]>;
  /** With every tag of it. Whether there was one; so are the others. */
  deleteManifest(repository: string, digest: Digest): Promise<boolean>;
  /** The manifest stays. */
  deleteTag(repository: string, tag: string): Promise<boolean>;
  deleteBlob(repository: string, digest: Digest): Promise<boolean>;
};

/** Opens a blob's bytes from `offset` on. May be called several times. A file goes the fastest way. */
export type OpenBlob = (offset: number) => Blob | ReadableStream<Uint8Array>;

type OpenRegistryOptions = EndpointOptions & {
  readonly credential?: RemoteCredential | undefined;
};

/**
 * A client for a registry; nothing is sent yet.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md}
 * @throws HiveError "usage" for an address or a certificate that can't be.
 */
export function openRegistry(options: OpenRegistryOptions): RemoteRegistry {
  const endpoint = createEndpoint(options);
  const { address, limits } = endpoint;
  const client = createRemoteClient(endpoint, options.credential);
  return {
    host: address.host,
    origin: address.origin,
    async ping() {
      const call = {
        method: "GET",
        path: "/v2/",
        scope: "",
        action: "talk to the registry",
      } as const;
      await client.call({ ...call, limit: limits.manifestSize, expected: [200] });
    },
    catalog: () => catalog(client),
    tags: (repository, ifMissing = "fail") => tags(client, repository, ifMissing),
    manifest: (repository, reference) => getManifest(client, repository, reference),
    findManifest: (repository, reference) => findManifest(client, repository, reference),
    headManifest: (repository, reference) => headManifest(client, repository, reference),
    statManifest: (repository, reference) => statManifest(client, repository, reference),
    putManifest: (repository, reference, content) =>
      putManifest(client, repository, reference, content),
    blob: (repository, descriptor) => getBlob(client, repository, descriptor),
    hasBlob: (repository, descriptor) => hasBlob(client, repository, descriptor),
    readBlob: (repository, descriptor, read) => readBlob(client, repository, descriptor, read),
    mountBlob: (repository, descriptor, from) => mountBlob(client, repository, descriptor, from),
    writeBlob: (repository, descriptor, open, write) =>
      writeBlob(client, repository, descriptor, open, write),
    referrers: (repository, digest) => referrers(client, repository, digest),
    deleteManifest: (repository, digest) => deleteManifest(client, repository, digest),
    deleteTag: (repository, tag) => deleteReference(client, repository, tag),
    deleteBlob: (repository, digest) => deleteBlob(client, repository, digest),
  };
}
