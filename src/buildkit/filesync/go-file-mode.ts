import type { FileEntry } from "../file-tree.ts";

// Bits of Go's io/fs.FileMode; they differ from st_mode above the nine permission bits.
const goDirectory = 0x80000000;
const goDevice = 0x04000000;
const goPipe = 0x02000000;
const goSocket = 0x01000000;
const goCharDevice = 0x00200000;
const goIrregular = 0x00080000;
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

/** What a mode of the daemon's says: the kind of the entry, and permission bits as in st_mode, 0o7777 at most. */
export function goMode(mode: number): {
  readonly type: FileEntry["type"] | "other";
  readonly permissions: number;
} {
  let permissions = mode & 0o777;
  if (mode & goSetuid) permissions |= 0o4000;
  if (mode & goSetgid) permissions |= 0o2000;
  if (mode & goSticky) permissions |= 0o1000;
  return { type: typeOf(mode), permissions };
}

function typeOf(mode: number): FileEntry["type"] | "other" {
  if (mode & goDirectory) return "directory";
  if (mode & goSymlink) return "symlink";
  const special = goDevice | goPipe | goSocket | goCharDevice | goIrregular;
  return (mode & special) === 0 ? "file" : "other";
}
