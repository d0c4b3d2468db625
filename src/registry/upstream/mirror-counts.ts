/** What became of the questions for mirrored content. */
export type MirrorCounts = {
  /** Answered by what is stored, whether the upstream was asked if it still stands for that or not. */
  hits: number;
  /** Fetched, or looked for in vain. */
  misses: number;
  /** Answered by what is stored since the upstream could not be asked. */
  stale: number;
  /** Answers, and downloads, that the upstream did not give, or not to the end. */
  failures: number;
  /** Bytes of manifests and blobs that came from upstreams. */
  fetchedBytes: number;
};

export const noMirrorCounts: Readonly<MirrorCounts> = {
  hits: 0,
  misses: 0,
  stale: 0,
  failures: 0,
  fetchedBytes: 0,
};
