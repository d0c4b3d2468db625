import { readFile } from "node:fs/promises";
import { cleanPath } from "../base/clean-path.ts";
import { HiveError } from "../base/hive-error.ts";
import type { FileTree } from "../buildkit/file-tree.ts";

/**
 * The patterns of what is left out of a context: those of the ignore file for its Dockerfile alone, else of the `.dockerignore`
 * at the context's root. None when that is not there, or is a link: then all counts.
 * @param own what `readIgnore()` gave for the Dockerfile
 */
export async function ignorePatterns(
  tree: FileTree,
  own: string | undefined,
): Promise<readonly string[]> {
  if (own !== undefined) return parseIgnore(own);
  const entry = await tree.find(".dockerignore");
  if (entry?.content === undefined) return [];
  const { content, size } = entry;
  if ("path" in content) checkIgnoreSize(content.path, size);
  return parseIgnore(
    "bytes" in content
      ? new TextDecoder().decode(content.bytes)
      : await readFile(content.path, "utf8"),
  );
}

/** No hand-written file comes near. */
const largestIgnore = 1024 * 1024;

/** @throws HiveError usage when the ignore file at `path` is too big to be one */
export function checkIgnoreSize(path: string, size: number): void {
  if (size <= largestIgnore) return;
  throw new HiveError("usage", `Cannot read "${path}": it has more than ${largestIgnore} bytes`, {
    hint: "It is a list of patterns, a line each. Name directories instead of the files in them.",
  });
}

/**
 * The patterns of an ignore file as the Dockerfile frontend reads it: a line each, `#` at its very beginning makes a comment.
 * {@link https://docs.docker.com/build/concepts/context/#dockerignore-files}
 */
function parseIgnore(text: string): string[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => (line.startsWith("!") ? `!${clean(line.slice(1).trim())}` : clean(line)));
}

function clean(pattern: string): string {
  if (pattern === "") return "";
  const cleaned = cleanPath(pattern);
  return cleaned.length > 1 && cleaned.startsWith("/") ? cleaned.slice(1) : cleaned;
}
