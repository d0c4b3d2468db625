import type { MetricFamily } from "./exposition.ts";

/** What the server and its store count themselves. What is undefined is left out. */
export type ServerNumbers = {
  /** Requests that are not answered to the end. */
  readonly requestsInFlight?: number;
  readonly uploadsOpen?: number;
  readonly committedBlobs?: number;
  readonly committedBytes?: number;
  readonly repositories?: number;
  readonly manifests?: number;
  readonly tags?: number;
  readonly blobs?: number;
  /** Bytes of all blobs in the store. */
  readonly storageBytes?: number;
  /** Bytes that the file system of the store has left. */
  readonly storageFreeBytes?: number;
  readonly journalBytes?: number;
  readonly gcRuns?: number;
  readonly gcFailures?: number;
  readonly gcRemovedBlobs?: number;
  readonly gcRemovedBytes?: number;
  readonly gcLastDurationSeconds?: number;
  /** Seconds since 1970. */
  readonly gcLastSuccessSeconds?: number;
  readonly accessLogDroppedLines?: number;
  readonly mirrorHits?: number;
  readonly mirrorMisses?: number;
  readonly mirrorStale?: number;
  readonly mirrorFailures?: number;
  readonly mirrorFetchedBytes?: number;
};

type Description = readonly [name: string, type: "counter" | "gauge", help: string];

const descriptions: Readonly<Record<keyof ServerNumbers, Description>> = {
  requestsInFlight: ["requests_in_flight", "gauge", "Requests that are being answered."],
  uploadsOpen: ["uploads_open", "gauge", "Uploads that were begun and not ended."],
  committedBlobs: ["committed_blobs_total", "counter", "Blobs uploaded to their end."],
  committedBytes: ["committed_bytes_total", "counter", "Bytes of blobs uploaded to their end."],
  repositories: ["repositories", "gauge", "Repositories in the store."],
  manifests: ["manifests", "gauge", "Manifests in all repositories."],
  tags: ["tags", "gauge", "Tags in all repositories."],
  blobs: ["blobs", "gauge", "Blobs in the store."],
  storageBytes: ["storage_bytes", "gauge", "Bytes of the blobs in the store."],
  storageFreeBytes: ["storage_free_bytes", "gauge", "Bytes left on the file system of the store."],
  journalBytes: ["journal_bytes", "gauge", "Bytes of the store's journal."],
  gcRuns: ["gc_runs_total", "counter", "Garbage collections that ended, failed ones included."],
  gcFailures: ["gc_failures_total", "counter", "Garbage collections that failed."],
  gcRemovedBlobs: ["gc_removed_blobs_total", "counter", "Blobs that garbage collection removed."],
  gcRemovedBytes: ["gc_removed_bytes_total", "counter", "Bytes that garbage collection removed."],
  gcLastDurationSeconds: [
    "gc_last_duration_seconds",
    "gauge",
    "How long the last garbage collection took.",
  ],
  gcLastSuccessSeconds: [
    "gc_last_success_timestamp_seconds",
    "gauge",
    "When a garbage collection succeeded last.",
  ],
  accessLogDroppedLines: [
    "access_log_dropped_lines_total",
    "counter",
    "Lines of the access log that could not be written.",
  ],
  mirrorHits: [
    "mirror_hits_total",
    "counter",
    "Manifests and blobs of mirrored registries that were stored.",
  ],
  mirrorMisses: [
    "mirror_misses_total",
    "counter",
    "Manifests and blobs that had to be asked for at mirrored registries.",
  ],
  mirrorStale: [
    "mirror_stale_total",
    "counter",
    "Answers from what is stored since the mirrored registry could not be asked.",
  ],
  mirrorFailures: [
    "mirror_failures_total",
    "counter",
    "Requests to mirrored registries that failed.",
  ],
  mirrorFetchedBytes: [
    "mirror_fetched_bytes_total",
    "counter",
    "Bytes of manifests and blobs that came from mirrored registries.",
  ],
};

/** Each number as a metric of its own. */
export function serverFamilies(numbers: ServerNumbers): readonly MetricFamily[] {
  return Object.entries(descriptions).flatMap(([key, [name, type, help]]) => {
    const value = numbers[key as keyof ServerNumbers];
    if (value === undefined) return [];
    return [{ name: `hive_registry_${name}`, type, help, samples: [{ value }] }];
  });
}
