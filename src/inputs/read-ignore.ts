import { readFile, stat } from "node:fs/promises";
import { isMissingFile } from "../base/system-error.ts";
import { checkIgnoreSize } from "../context/ignore-patterns.ts";

/**
 * What `Dockerfile.dockerignore` beside the Dockerfile, or its template, at absolute path `dockerfile` says: it is for this
 * Dockerfile alone and wins over `.dockerignore`. Undefined when there is none.
 * @throws HiveError usage when it is too big
 */
export async function readIgnore(dockerfile: string): Promise<string | undefined> {
  const path = `${dockerfile.replace(/\.gotpl$/, "")}.dockerignore`;
  try {
    // Reading a pipe would wait for its writer.
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    checkIgnoreSize(path, found.size);
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
