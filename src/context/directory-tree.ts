import type { FileTree } from "../buildkit/file-tree.ts";
import { targetContext } from "./target-context.ts";
import { contextKey } from "./context-key.ts";

/** A directory as it is, with the key under which the daemon keeps what it got of it. */
export type DirectoryTree = { readonly tree: FileTree; readonly sharedKey: string };

/**
 * The files in `directory`, an absolute path, for a build that has it as a named context.
 * @param tracked whether git has it
 */
export function directoryTree(
  directory: string,
  { tracked = false }: { readonly tracked?: boolean | undefined } = {},
): DirectoryTree {
  const sources = {
    directory,
    dockerfile: `${directory}/Dockerfile`,
    rootfs: [],
    exclude: [],
    rendered: {},
    tracked,
  };
  return { tree: targetContext(sources), sharedKey: contextKey(sources, "named context") };
}
