/**
 * The shortest path that means the same: no `.`, no doubled or trailing `/`, `..` resolved where it can be.
 * The empty path is `.`. As Go's path.Clean.
 */
export function cleanPath(path: string): string {
  const absolute = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!absolute) kept.push(part);
  }
  return absolute ? `/${kept.join("/")}` : kept.join("/") || ".";
}

/** A path inside the tree's root: without leading `/`, `..` stops at the root; the root is "". */
export function rootedPath(path: string): string {
  return cleanPath(`/${path}`).slice(1);
}

/** Everything before the last `/`; "" at the top. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
