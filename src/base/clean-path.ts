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
