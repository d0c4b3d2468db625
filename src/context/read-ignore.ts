import { readFile, stat } from "node:fs/promises";
import { isMissingFile } from "../base/system-error.ts";

/**
 * What `Dockerfile.dockerignore` beside the Dockerfile, or its template, at absolute path `dockerfile` says: it is for this
 * Dockerfile alone and wins over `.dockerignore`. Undefined when there is none.
 */
export async function readIgnore(dockerfile: string): Promise<string | undefined> {
  const path = `${dockerfile.replace(/\.gotpl$/, "")}.dockerignore`;
  try {
    // Reading a pipe would wait for its writer.
    return (await stat(path)).isFile() ? await readFile(path, "utf8") : undefined;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
