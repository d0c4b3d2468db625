import type { FileEntry, FileTree } from "./file-tree.ts";

/** A file or a symlink of {@link createMemoryTree}, by its path in the tree. */
export type MemoryFile = {
  readonly path: string;
  /** 0o644 for files and 0o777 for symlinks when absent. */
  readonly mode?: number;
} & ({ readonly bytes: Uint8Array } | { readonly linkname: string });

type Directory = Map<string, FileEntry>;

/**
 * A tree that exists only in memory; parent directories come by themselves.
 * @param mtime of every entry, in nanoseconds since 1970. It must change whenever the content does:
 *   the daemon takes files of equal size and time for unchanged.
 */
export function createMemoryTree(files: readonly MemoryFile[], mtime: bigint): FileTree {
  const directories = new Map<string, Directory>([["", new Map()]]);

  function directory(path: string): Directory {
    const known = directories.get(path);
    if (known !== undefined) return known;
    const made: Directory = new Map();
    directories.set(path, made);
    const [parent, name] = split(path);
    directory(parent).set(name, { name, type: "directory", mode: 0o755, size: 0, mtime });
    return made;
  }

  for (const file of files) {
    const [parent, name] = split(file.path);
    directory(parent).set(name, entryOf(file, name, mtime));
  }
  return {
    async list(path) {
      const entries = directories.get(path);
      if (entries !== undefined) return [...entries.values()];
      throw Object.assign(new Error(`Cannot list "${path}": no such directory`), {
        code: "ENOENT",
      });
    },
    async find(path) {
      const [parent, name] = split(path);
      return directories.get(parent)?.get(name);
    },
  };
}

function entryOf(file: MemoryFile, name: string, mtime: bigint): FileEntry {
  if ("bytes" in file) {
    const { bytes, mode = 0o644 } = file;
    return { name, type: "file", mode, size: bytes.length, mtime, content: { bytes } };
  }
  const { linkname, mode = 0o777 } = file;
  return { name, type: "symlink", mode, size: 0, mtime, linkname };
}

function split(path: string): [parent: string, name: string] {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
}
