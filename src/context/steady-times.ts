import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";
import { mapTree } from "./map-tree.ts";

/** What a zip file can hold begins with 1980; builds that make one fail on earlier files. */
const earliest = 315_619_200;

/**
 * A tree in which nothing depends on when it was checked out: two clones of one commit are the same to a build, and to what
 * its steps make of files' times.
 *
 * Every time is within the second after the epoch, which the exporter cuts off. Left as they are, only times after the epoch
 * would become it: a file that was checked out long before the last commit would keep its own. Where in that second is made
 * of the file's own times, so that the daemon, which asks for files whose size or time differ from those it has, still
 * learns of each change; of the change time, too, so it sees one whose modification time was put back.
 * @param epoch seconds since 1970
 */
export function steadyTimes(tree: FileTree, epoch: number): FileTree {
  const second = BigInt(Math.max(epoch, earliest)) * 1_000_000_000n;
  return mapTree(tree, (entry) => ({
    ...entry,
    mtime: entry.type === "directory" ? second : second + fraction(entry),
  }));
}

/** Nanoseconds, less than a second. */
function fraction({ mtime, changed, content }: FileEntry): bigint {
  const where = content !== undefined && "path" in content ? content.path : "";
  return Bun.hash.xxHash64(`${mtime} ${changed} ${where}`) % 1_000_000_000n;
}
