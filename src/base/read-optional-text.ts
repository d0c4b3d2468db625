import { readFile } from "node:fs/promises";
import { isMissingFile } from "./system-error.ts";
import { unreadableFile, type UnreadableOptions } from "./unreadable-file.ts";

/**
 * A file's text; undefined when there is no such file, or no directory on the way to it.
 * @throws HiveError when it can't be read.
 */
export async function readOptionalText(
  path: string,
  options?: UnreadableOptions,
): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw unreadableFile(path, error, options);
  }
}
