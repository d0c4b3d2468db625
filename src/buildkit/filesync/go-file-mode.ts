import type { FileEntry } from "../file-tree.ts";

// Bits of Go's io/fs.FileMode; they differ from st_mode above the nine permission bits.
const goDirectory = 0x80000000;
const goSymlink = 0x08000000;
const goSetuid = 0x00800000;
const goSetgid = 0x00400000;
const goSticky = 0x00100000;

/**
 * An entry's mode as the daemon wants it: Go's FileMode, an unsigned 32-bit number.
 * {@link https://pkg.go.dev/io/fs#FileMode}
 */
export function goFileMode(entry: Pick<FileEntry, "type" | "mode">): number {
  let mode = entry.mode & 0o777;
  if (entry.mode & 0o4000) mode |= goSetuid;
  if (entry.mode & 0o2000) mode |= goSetgid;
  if (entry.mode & 0o1000) mode |= goSticky;
  if (entry.type === "directory") mode |= goDirectory;
  if (entry.type === "symlink") mode |= goSymlink;
  // The directory bit is the sign bit of a 32-bit operation.
  return mode >>> 0;
}
