import { metadataValues, type Metadata } from "../../grpc/metadata.ts";

/** What the daemon wants of a directory: the metadata of one DiffCopy call. */
export type SyncRequest = {
  readonly directory: string;
  /** Empty: everything. */
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  /** Paths to include with whatever their symlinks lead to. Empty: everything. */
  readonly followPaths: readonly string[];
};

/** Reads the metadata of a DiffCopy call; patterns arrive as repeated headers. */
export function parseSyncHeaders(metadata: Metadata): SyncRequest {
  return {
    directory: decodedValues(metadata, "dir-name")[0] ?? "",
    includes: decodedValues(metadata, "include-patterns"),
    excludes: decodedValues(metadata, "exclude-patterns"),
    followPaths: decodedValues(metadata, "followpaths"),
  };
}

// The daemon escapes all values of a key as soon as one isn't ASCII, and says so in a second key.
function decodedValues(metadata: Metadata, key: string): string[] {
  const values = metadataValues(metadata, key);
  const encoded = metadataValues(metadata, `${key}-encoded`)[0] === "1";
  return encoded ? values.map(queryUnescape) : values;
}

// Go's url.QueryUnescape. A value that isn't validly escaped is taken as it stands.
function queryUnescape(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
