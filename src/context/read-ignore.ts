import { readFileSync, statSync } from "node:fs";
import { isMissingFile } from "../base/system-error.ts";
import { checkIgnoreSize } from "./ignore-patterns.ts";

/**
 * What `Dockerfile.dockerignore` beside the Dockerfile, or its template, at absolute path `dockerfile` says: it is for this
 * Dockerfile alone and wins over `.dockerignore`. Undefined when there is none.
 * @throws HiveError usage when it is too big
 */
export function readIgnore(dockerfile: string): string | undefined {
  const path = `${dockerfile.replace(/\.gotpl$/, "")}.dockerignore`;
  try {
    // Mostly there is none, which to wait for takes longer than to ask. Reading a pipe would wait for its writer.
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return undefined;
    checkIgnoreSize(path, found.size);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
