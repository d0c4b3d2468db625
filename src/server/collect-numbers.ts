import { join } from "node:path";
import type { MetadataStore } from "../registry/store/metadata-store.ts";
import type { MirrorCounts } from "../registry/upstream/mirror-counts.ts";
import type { GcTotals } from "./gc-runner.ts";
import { countContent } from "./count-content.ts";
import { fileSize } from "../base/file-size.ts";
import { freeBytes } from "./free-bytes.ts";
import type { ServerNumbers } from "./metrics/server-numbers.ts";
import type { StorageSize } from "./storage-size.ts";

type NumberSources = {
  readonly metadata: MetadataStore;
  readonly directory: string;
  readonly size: () => Promise<StorageSize>;
  readonly openUploads: number;
  readonly commits: { readonly committedBlobs: number; readonly committedBytes: number };
  readonly pending: number;
  readonly gc: GcTotals;
  readonly droppedLines: number | undefined;
  /** Undefined where nothing is mirrored. */
  readonly mirrors: Readonly<MirrorCounts> | undefined;
};

/** What `/metrics` shows of the store and the work that goes on besides requests. */
export async function collectNumbers(sources: NumberSources): Promise<ServerNumbers> {
  const { metadata, directory, size, openUploads, commits, pending, gc, droppedLines, mirrors } =
    sources;
  const { blobs, bytes } = await size();
  const free = await freeBytes(directory);
  const journalBytes = await fileSize(join(directory, "journal"));
  return {
    ...countContent(metadata),
    requestsInFlight: pending,
    uploadsOpen: openUploads,
    committedBlobs: commits.committedBlobs,
    committedBytes: commits.committedBytes,
    blobs,
    storageBytes: bytes,
    ...(free === undefined ? {} : { storageFreeBytes: free }),
    // A store that keeps nothing has no journal.
    ...(journalBytes === 0 ? {} : { journalBytes }),
    gcRuns: gc.runs,
    gcFailures: gc.failures,
    gcRemovedBlobs: gc.removedBlobs,
    gcRemovedBytes: gc.removedBytes,
    ...(gc.lastDuration === undefined ? {} : { gcLastDurationSeconds: gc.lastDuration / 1000 }),
    ...(gc.lastSuccess === undefined ? {} : { gcLastSuccessSeconds: gc.lastSuccess / 1000 }),
    ...(mirrors === undefined
      ? {}
      : {
          mirrorHits: mirrors.hits,
          mirrorMisses: mirrors.misses,
          mirrorStale: mirrors.stale,
          mirrorFailures: mirrors.failures,
          mirrorFetchedBytes: mirrors.fetchedBytes,
        }),
    ...(droppedLines === undefined ? {} : { accessLogDroppedLines: droppedLines }),
  };
}
