import { HiveError } from "./hive-error.ts";
import { systemErrorCode } from "./system-error.ts";
import { toError } from "./to-error.ts";

/**
 * An error of the file system as one that a user can act on. What is no error of the file system, or is one already
 * explained, is returned as it is.
 */
export function storageError(error: unknown, directory: string): Error {
  if (error instanceof HiveError) return error;
  const cannot = `Cannot write to "${directory}"`;
  switch (systemErrorCode(error) ?? "") {
    case "ENOSPC":
      return new HiveError("failed", `${cannot}: no space left on the device`, {
        cause: error,
        hint: "Free some space.",
      });
    case "EDQUOT":
      return new HiveError("failed", `${cannot}: the disk quota is used up`, {
        cause: error,
        hint: "Free some space.",
      });
    case "EACCES":
    case "EPERM":
      return new HiveError("failed", `${cannot}: permission denied`, {
        cause: error,
        hint: "Make the directory, and what is in it, writable for this user.",
      });
    case "EROFS":
      return new HiveError("failed", `${cannot}: the file system is read-only`, {
        cause: error,
        hint: "Use a directory that can be written to.",
      });
    case "EIO":
      return new HiveError("failed", `${cannot}: the device has an input/output error`, {
        cause: error,
        hint: "Check the disk and the kernel's log.",
      });
    case "ENOENT":
    case "ENOTDIR":
      return new HiveError("failed", `${cannot}: there is no such directory`, {
        cause: error,
        hint: "Make the directory, or start again if it was deleted meanwhile.",
      });
    default:
      return toError(error);
  }
}
