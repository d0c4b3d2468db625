import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";
import { mapTree } from "./map-tree.ts";

const setId = 0o6000;
const sticky = 0o1000;

/**
 * A checkout in which modes do not depend on the umask of whoever made it, as far as that is safe. Git keeps of a mode only
 * whether it is executable. Write permissions of group and others are dropped: umasks 002 and 022 give the same then. None
 * is ever added, so a stricter umask does give another image; bits that git can't have set stay.
 */
export function steadyModes(tree: FileTree): FileTree {
  return mapTree(tree, (entry) => ({ ...entry, mode: steadyMode(entry) }));
}

function steadyMode({ type, mode }: FileEntry): number {
  if (type === "symlink") return mode;
  // Directories inherit the group bit from those they are made in.
  const deliberate = type === "directory" ? sticky : sticky | setId;
  return (mode & deliberate) === 0 ? mode & 0o755 : mode;
}
