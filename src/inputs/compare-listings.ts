import { type ListingEntry, parseListing } from "./parse-listing.ts";

/** One entry of a context that is not what it was. */
export type FileChange = {
  readonly kind: "file";
  /** Empty: the old listing is not known any more. */
  readonly path: string;
  readonly how: "added" | "removed" | "type" | "content" | "link" | "mode" | "time";
  readonly from?: string;
  readonly to?: string;
};

/** What changed between two listings of a context, sorted by path; of each entry what matters most. */
export function compareListings(before: string | undefined, now: string): FileChange[] {
  if (before === undefined) return [{ kind: "file", path: "", how: "content" }];
  const old = entriesOf(before);
  const entries = entriesOf(now);
  const paths = [...new Set([...old.keys(), ...entries.keys()])].toSorted();
  return paths.flatMap((path) => {
    const change = compareEntries(old.get(path), entries.get(path));
    return change === undefined ? [] : [{ kind: "file", path, ...change }];
  });
}

function compareEntries(
  from: ListingEntry | undefined,
  to: ListingEntry | undefined,
): Omit<FileChange, "kind" | "path"> | undefined {
  if (from === undefined) return { how: "added" };
  if (to === undefined) return { how: "removed" };
  const [, type, mode, value, time] = from;
  const [, newType, newMode, newValue, newTime] = to;
  if (type !== newType) return { how: "type", from: type, to: newType };
  if (value !== newValue && type === "symlink") return { how: "link", from: value, to: newValue };
  if (value !== newValue) return { how: "content" };
  if (mode !== newMode) return { how: "mode", from: octal(mode), to: octal(newMode) };
  return time === newTime ? undefined : { how: "time" };
}

function entriesOf(listing: string): Map<string, ListingEntry> {
  return new Map(parseListing(listing).map((entry) => [entry[0], entry]));
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
