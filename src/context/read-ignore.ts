import { readFileSync, statSync } from "node:fs";
import { isMissingFile } from "../base/system-error.ts";

/**
 * What `Dockerfile.dockerignore` beside the Dockerfile, or its template, at absolute path `dockerfile` says: it is for this
 * Dockerfile alone and wins over `.dockerignore`. Undefined when there is none.
 */
export function readIgnore(dockerfile: string): string | undefined {
  const path = `${dockerfile.replace(/\.gotpl$/, "")}.dockerignore`;
  try {
    // Mostly there is none, which to wait for takes longer than to ask. Reading a pipe would wait for its writer.
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? readFileSync(path, "utf8") : undefined;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
