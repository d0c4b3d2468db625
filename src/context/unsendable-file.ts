import { HiveError } from "../base/hive-error.ts";

/** A file that lies in a build context and can't be sent to a build. */
export class UnsendableFile extends HiveError {
  /** Absolute. */
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string, { hint }: { readonly hint: string }) {
    super("usage", `Cannot send "${path}" to a build: ${reason}`, { hint });
    this.path = path;
    this.reason = reason;
  }
}
