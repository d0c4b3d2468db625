/** An entry of a context. `value` is the digest of a file's bytes or where a link leads to; `time` is there where times count. */
export type ListingEntry = readonly [
  path: string,
  type: string,
  mode: number,
  value: string,
  time?: string,
];

/** Reads a listing as a context's reader makes it: a line of JSON for each entry. */
export function parseListing(listing: string): ListingEntry[] {
  const lines = listing === "" ? [] : listing.split("\n");
  return lines.map((line) => JSON.parse(line) as ListingEntry);
}
