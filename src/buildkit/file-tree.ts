/**
 * A directory tree to send to the daemon: real files, or files that exist only in memory.
 * Paths are relative, `/`-separated, clean, without a leading `./`; the root itself is "".
 */
export type FileTree = {
  /** The entries directly in directory `path`, in any order. A missing directory throws ENOENT. */
  list(path: string): Promise<readonly FileEntry[]>;
  /** The entry at `path`, or undefined: links in its last component are not followed. */
  find(path: string): Promise<FileEntry | undefined>;
};

export type FileEntry = {
  /** The last component of the path. */
  readonly name: string;
  readonly type: "file" | "directory" | "symlink";
  /** Permission bits with setuid, setgid and sticky, as in st_mode: 0o7777 at most. */
  readonly mode: number;
  /** Bytes; 0 for directories. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Nanoseconds since 1970 when content or attributes last changed, by the file system's own clock: nobody can set it. */
  readonly changed?: bigint;
  /** Where a symlink points, verbatim. */
  readonly linkname?: string;
  /** Where a file's bytes are: a path on disk, or the bytes. */
  readonly content?: { readonly path: string } | { readonly bytes: Uint8Array };
  /** Why it can't be sent: thrown where it is wanted, so that what is ignored does no harm. */
  readonly refused?: Error;
};
