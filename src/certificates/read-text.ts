import { readFile } from "node:fs/promises";
import { HiveError } from "../base/hive-error.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";

/** A file's text; undefined when there is no such file. @throws HiveError when it can't be read. */
export async function readOptionalText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw new HiveError(
      "failed",
      `Cannot read "${path}": ${systemErrorCode(error) ?? "it failed"}`,
      {
        cause: error,
      },
    );
  }
}
