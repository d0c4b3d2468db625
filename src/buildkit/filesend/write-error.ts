import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";

/** What can't be written where somebody wants a result of a build. */
export function writeError(path: string, cause: unknown): HiveError {
  if (cause instanceof HiveError) return cause;
  return new HiveError("failed", `Cannot write "${path}": ${errorMessage(cause)}`, { cause });
}
