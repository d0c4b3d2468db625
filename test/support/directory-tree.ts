import { join } from "node:path";
import type { FileTree } from "../../src/buildkit/file-tree.ts";
import { targetContext } from "../../src/context/target-context.ts";

/** A plain directory as a tree to send. */
export function directoryTree(root: string): FileTree {
  const dockerfile = join(root, "Dockerfile");
  return targetContext({ directory: root, dockerfile, rootfs: [], exclude: [], rendered: {} });
}
