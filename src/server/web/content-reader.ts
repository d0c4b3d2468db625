import { readBlob } from "../../oci/blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { type ImageConfig, parseImageConfig } from "../../oci/image-config.ts";
import { type Manifest, parseManifest } from "../../oci/manifest.ts";
import { isNonDistributable } from "../../oci/media-types.ts";
import type { RegistryStore } from "../../registry/store/registry-store.ts";

/** What a page wants to show, or why it can't. */
export type Content<Value> = { readonly value: Value } | { readonly problem: Problem };

export type Problem =
  /** Nobody pushed it to this repository, or its file is gone. */
  | "missing"
  /** Its bytes are not what they should be. */
  | "damaged"
  /** Bigger than what a page reads. */
  | "too big"
  /** The page has read enough. */
  | "not read";

/** The part of a store that is looked at. */
export type PageStore = Pick<RegistryStore, "blobs" | "metadata" | "findBlob">;

/** Reads content of repositories for one page, and no more than a page may cost. */
export type ContentReader = {
  readonly store: PageStore;
  manifest(repository: string, digest: Digest): Promise<Content<Manifest>>;
  config(repository: string, blob: Descriptor): Promise<Content<ImageConfig>>;
  /** What is wrong with a blob, as far as can be told without reading it. */
  problemOf(repository: string, blob: Descriptor): Problem | undefined;
};

const manifestLimit = 4 * 1024 * 1024;
const configLimit = 2 * 1024 * 1024;
const readsPerPage = 1000;
const bytesPerPage = 32 * 1024 * 1024;

/** For one page: the next begins to count anew. */
export function createContentReader(store: PageStore): ContentReader {
  let reads = 0;
  let bytes = 0;

  const read = async (
    digest: Digest,
    size: number,
    limit: number,
  ): Promise<Content<Uint8Array>> => {
    if (size > limit) return { problem: "too big" };
    if (reads >= readsPerPage || bytes + size > bytesPerPage) return { problem: "not read" };
    reads++;
    bytes += size;
    try {
      const value = await readBlob(store.blobs, digest, limit);
      return value === undefined ? { problem: "missing" } : { value };
    } catch {
      return { problem: "damaged" };
    }
  };

  return {
    store,
    async manifest(repository, digest) {
      const record = store.metadata.findManifest(repository, digest);
      if (record === undefined) return { problem: "missing" };
      const content = await read(digest, record.size, manifestLimit);
      return parse(content, (value) => parseManifest(value, record.mediaType));
    },
    async config(repository, blob) {
      const stored = store.findBlob(repository, blob.digest);
      if (stored === undefined) return { problem: "missing" };
      return parse(await read(blob.digest, stored.size, configLimit), parseImageConfig);
    },
    problemOf(repository, blob) {
      const stored = store.findBlob(repository, blob.digest);
      if (stored === undefined) return isNonDistributable(blob.mediaType) ? undefined : "missing";
      return stored.size === blob.size ? undefined : "damaged";
    },
  };
}

function parse<Value>(
  content: Content<Uint8Array>,
  parser: (bytes: Uint8Array) => Value,
): Content<Value> {
  if ("problem" in content) return content;
  try {
    return { value: parser(content.value) };
  } catch {
    return { problem: "damaged" };
  }
}
