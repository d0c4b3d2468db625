import { type ErrorKind, HiveError } from "./hive-error.ts";
import { systemErrorCode } from "./system-error.ts";

export type UnreadableOptions = {
  /** Default: "failed". */
  readonly kind?: ErrorKind;
  /** What the file is, as "users file". Default: the path says it. */
  readonly what?: string;
  /** What to do when there is none, and when this user may not read it. */
  readonly missing?: string;
  readonly denied?: string;
};

/** An error of the system on reading a file as one that a user can act on. */
export function unreadableFile(
  path: string,
  cause: unknown,
  options: UnreadableOptions = {},
): HiveError {
  const { kind = "failed", what } = options;
  const [reason, hint] = describe(systemErrorCode(cause) ?? String(cause), options);
  const name = what === undefined ? `"${path}"` : `the ${what} "${path}"`;
  return new HiveError(kind, `Cannot read ${name}: ${reason}`, { cause, hint });
}

function describe(
  reason: string,
  {
    missing = "Give the path of one that is there.",
    denied = "Make it readable for this user.",
  }: UnreadableOptions,
): readonly [reason: string, hint: string] {
  switch (reason) {
    case "ENOENT":
    case "ENOTDIR":
      return ["there is no such file", missing];
    case "EACCES":
    case "EPERM":
      return ["permission denied", denied];
    case "EISDIR":
      return ["it is a directory", "Give a file, or move the directory away."];
    default:
      return [reason, "Check the file, and the disk that it is on."];
  }
}
