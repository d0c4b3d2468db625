import { type BlobStore, readBlob } from "../../oci/blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { parseManifest } from "../../oci/manifest.ts";
import { isAbridged, referrerDescriptor } from "../store/manifest-record.ts";

type ReferrersPage = {
  /** Descriptors as JSON. */
  readonly entries: readonly string[];
  /** Where the next page goes on; undefined when this is the last. */
  readonly next: Digest | undefined;
};

type PageOptions = {
  /** Where annotations are that the descriptors lack; undefined: they lack none. */
  readonly blobs: BlobStore | undefined;
  /** The digest that the page before ended with; empty for the first page. */
  readonly after: string;
  /** At most so many descriptors. */
  readonly entries: number;
  /** At most so many bytes of JSON, or one descriptor: clients have the limit that they have for manifests. */
  readonly bytes: number;
};

// What is read from the disk for one page, at most this and one manifest.
const readLimit = 16 * 1024 * 1024;

/**
 * One page of referrers. The order is that of the digests: whatever comes or goes between two pages, those that stay
 * are listed once.
 */
export async function referrersPage(
  referrers: readonly Descriptor[],
  options: PageOptions,
): Promise<ReferrersPage> {
  const { blobs, after } = options;
  const rest = referrers.filter(({ digest }) => digest > after);
  rest.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const entries: string[] = [];
  let next: Digest | undefined;
  let bytes = 0;
  let read = 0;
  for (const descriptor of rest) {
    if (entries.length >= options.entries || read > readLimit) return { entries, next };
    const isPart = blobs !== undefined && isAbridged(descriptor);
    if (isPart) read += descriptor.size;
    const whole = isPart ? await unabridged(blobs, descriptor) : descriptor;
    // A manifest that was just removed is no referrer any more.
    const entry = whole === undefined ? "" : JSON.stringify(whole);
    bytes += Buffer.byteLength(entry);
    if (bytes > options.bytes && entries.length > 0) return { entries, next };
    if (entry !== "") entries.push(entry);
    next = descriptor.digest;
  }
  return { entries, next: undefined };
}

async function unabridged(
  blobs: BlobStore,
  { digest, mediaType, size }: Descriptor,
): Promise<Descriptor | undefined> {
  const bytes = await readBlob(blobs, digest, size);
  return bytes && referrerDescriptor(parseManifest(bytes, mediaType), { digest, mediaType, size });
}
