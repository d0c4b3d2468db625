import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";

export type SteadyOptions = {
  /** Seconds since 1970: the time that the image's files get. */
  readonly epoch: number;
  /** Whether the modes come from a checkout, and so from the umask of whoever made it. */
  readonly tracked: boolean;
};

/** What a zip file can hold begins with 1980; builds that make one fail on earlier files. */
const earliest = 315_619_200;

/**
 * A tree in which nothing depends on when, and under which umask, it was checked out: two clones of one commit are the same
 * to a build, and to what its steps make of files' times.
 *
 * Every time is within the second after the epoch, which the exporter cuts off. Left as they are, only times after the epoch
 * would become it: a file that was checked out long before the last commit would keep its own. Where in that second is made
 * of the file's own times, so that the daemon, which asks for files whose size or time differ from those it has, still
 * learns of each change; of the change time, too, so it sees one whose modification time was put back.
 *
 * Git keeps of a mode only whether it is executable. Write permissions of group and others are dropped: umasks 002 and 022
 * give the same then. None is ever added, so a stricter umask does give another image; bits that git can't have set stay.
 */
export function steadyTree(tree: FileTree, options: SteadyOptions): FileTree {
  return {
    list: async (path) => (await tree.list(path)).map((entry) => steadyEntry(entry, options)),
    find: async (path) => {
      const entry = await tree.find(path);
      return entry === undefined ? undefined : steadyEntry(entry, options);
    },
  };
}

function steadyEntry(entry: FileEntry, { epoch, tracked }: SteadyOptions): FileEntry {
  const second = BigInt(Math.max(epoch, earliest)) * 1_000_000_000n;
  return {
    ...entry,
    mode: tracked ? steadyMode(entry) : entry.mode,
    mtime: entry.type === "directory" ? second : second + fraction(entry),
  };
}

const setId = 0o6000;
const sticky = 0o1000;

function steadyMode({ type, mode }: FileEntry): number {
  if (type === "symlink") return mode;
  // Directories inherit the group bit from those they are made in.
  const deliberate = type === "directory" ? sticky : sticky | setId;
  return (mode & deliberate) === 0 ? mode & 0o755 : mode;
}

/** Nanoseconds, less than a second. */
function fraction({ mtime, changed, content }: FileEntry): bigint {
  const where = content !== undefined && "path" in content ? content.path : "";
  return Bun.hash.xxHash64(`${mtime} ${changed} ${where}`) % 1_000_000_000n;
}
