import { cleanPath } from "../../base/clean-path.ts";
import type { FileTree } from "../file-tree.ts";
import { compareBytes } from "./byte-order.ts";
import { compilePattern } from "./pattern.ts";

// As deep as Linux follows links before it answers ELOOP.
const maximumHops = 40;

/**
 * Turns the paths that a Dockerfile copies into include patterns: each path, every symlink on its way,
 * and what those lead to. Absolute targets start at the tree's root, `..` stops there.
 * Paths that don't exist stay, and match nothing. Returns [] when the whole tree is wanted.
 */
export async function resolveFollowPaths(
  tree: FileTree,
  paths: readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  const visited = new Set<string>();

  async function follow(path: string, hops: number): Promise<void> {
    if (visited.has(path) || hops > maximumHops) return;
    visited.add(path);
    const parts = path.split("/");
    for (let count = 1; count <= parts.length; count++) {
      const current = parts.slice(0, count).join("/");
      const targets = await linkTargets(tree, current);
      if (targets.length === 0) continue;
      found.add(current);
      const rest = parts.slice(count).join("/");
      for (const target of targets) await follow(rootedPath(`${target}/${rest}`), hops + 1);
      return;
    }
    found.add(path);
  }

  for (const path of paths) await follow(rootedPath(path), 0);
  return found.has("") ? [] : withoutNested([...found]);
}

/** Where the symlinks that `path` names lead: more than one if its last component has wildcards. */
async function linkTargets(tree: FileTree, path: string): Promise<string[]> {
  if (path === "") return [];
  const directory = parentPath(path);
  const name = path.slice(directory === "" ? 0 : directory.length + 1);
  const entries = isGlob(name)
    ? await matchingEntries(tree, directory, name)
    : [await tree.find(path)];
  return entries.flatMap((entry) => {
    if (entry?.type !== "symlink" || entry.linkname === undefined) return [];
    return entry.linkname.startsWith("/") ? [entry.linkname] : [`${directory}/${entry.linkname}`];
  });
}

async function matchingEntries(
  tree: FileTree,
  directory: string,
  glob: string,
): ReturnType<FileTree["list"]> {
  if (directory !== "" && (await tree.find(directory))?.type !== "directory") return [];
  const pattern = compilePattern(glob);
  return (await tree.list(directory)).filter((entry) => pattern.matches(entry.name));
}

function isGlob(name: string): boolean {
  return /[*?[]/.test(name.replaceAll(/\\./gu, ""));
}

// What lies inside a path that is included is included.
function withoutNested(paths: string[]): string[] {
  const kept: string[] = [];
  for (const path of paths.toSorted(compareBytes)) {
    if (!kept.some((parent) => path.startsWith(`${parent}/`))) kept.push(path);
  }
  return kept;
}

/** A path inside the tree's root: without leading `/`, `..` stops at the root; the root is "". */
function rootedPath(path: string): string {
  return cleanPath(`/${path}`).slice(1);
}

/** Everything before the last `/`; "" at the top. */
function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
