import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";

/** The tree with every entry changed; names and types stay. */
export function mapTree(tree: FileTree, change: (entry: FileEntry) => FileEntry): FileTree {
  return {
    list: async (path) => (await tree.list(path)).map(change),
    find: async (path) => {
      const entry = await tree.find(path);
      return entry === undefined ? undefined : change(entry);
    },
  };
}
