import { mapLimited } from "../base/map-limited.ts";
import type { FileEntry } from "../buildkit/file-tree.ts";
import { findEntry, readEntry } from "./read-entry.ts";

/** Milliseconds. What the kernel knows it tells in far less. */
const quick = 0.2;

/**
 * The entries for what lies at absolute `paths`, as `readEntry()` gives them. What the kernel has in memory is asked for
 * at once: to wait for another thread takes longer. From the first answer that took long on, several are waited for together.
 */
export async function readEntries(paths: readonly string[]): Promise<(FileEntry | undefined)[]> {
  const entries: (FileEntry | undefined)[] = [];
  for (const path of paths) {
    const start = performance.now();
    entries.push(findEntry(path));
    if (performance.now() - start > quick) break;
  }
  const rest = paths.slice(entries.length);
  return entries.concat(await mapLimited(rest, 16, readEntry));
}
