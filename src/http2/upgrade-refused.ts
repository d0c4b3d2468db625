import { HiveError } from "../base/hive-error.ts";

/** A server that answered something else than that the connection may become another protocol's. */
export class UpgradeRefused extends HiveError {
  readonly status: number;
  /** The body, or the message in it, in one line that is safe to print; often nothing. */
  readonly said: string;

  constructor(host: string, status: number, said: string) {
    super("failed", `${host} answered ${status}${said === "" ? "" : `: ${said}`}`);
    this.status = status;
    this.said = said;
  }
}
