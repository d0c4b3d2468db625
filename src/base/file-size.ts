import { stat } from "node:fs/promises";
import { isMissingFile } from "./system-error.ts";

/** Bytes; 0 when there is no such file. */
export async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissingFile(error)) return 0;
    throw error;
  }
}
