import { constants } from "node:fs";
import { chmod, copyFile, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";
import { walkTree } from "../buildkit/filesync/walk-tree.ts";

/** What was written: `files` are links, too; `bytes` those of files. */
export type WrittenTree = { readonly files: number; readonly bytes: number };

/**
 * Writes a tree to the empty directory at absolute path `directory`, modes, links and empty directories as they are; links
 * are made, never followed. `excludes` are patterns of a `.dockerignore`.
 * @throws SyntaxError for a pattern that can't be read, whatever reading the tree throws, or the file system's error.
 */
export async function writeTree(
  tree: FileTree,
  directory: string,
  excludes: readonly string[],
): Promise<WrittenTree> {
  const modes: { readonly path: string; readonly mode: number }[] = [];
  let files = 0;
  let bytes = 0;
  for await (const walked of walkTree(tree, { includes: [], excludes, followPaths: [] })) {
    const { entry } = walked;
    const path = join(directory, walked.path);
    if (entry.type === "directory") {
      await mkdir(path);
      modes.push({ path, mode: entry.mode });
      continue;
    }
    files += 1;
    if (entry.type === "symlink") await symlink(entry.linkname ?? "", path);
    else {
      await writeEntry(path, entry);
      bytes += entry.size;
    }
  }
  // Last, and from the inside out: in a directory that can't be written to no file can be made.
  for (const { path, mode } of modes.toReversed()) await chmod(path, mode);
  return { files, bytes };
}

async function writeEntry(path: string, { content, mode, mtime }: FileEntry): Promise<void> {
  if (content !== undefined && "path" in content) {
    await copyFile(content.path, path, constants.COPYFILE_EXCL);
  } else await writeFile(path, content?.bytes ?? "", { flag: "wx" });
  await chmod(path, mode);
  const seconds = Number(mtime / 1_000_000n) / 1000;
  await utimes(path, seconds, seconds);
}
