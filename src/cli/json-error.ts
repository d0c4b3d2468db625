import { type ErrorKind, errorKind, HiveError } from "../base/hive-error.ts";

/** An error as `--json` prints it, where it is that of one row of several. */
export type JsonError = {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint?: string;
};

export function jsonError(error: Error): JsonError {
  const hint = error instanceof HiveError ? error.hint : undefined;
  const { message } = error;
  return { kind: errorKind(error), message, ...(hint === undefined ? {} : { hint }) };
}
