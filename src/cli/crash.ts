import { exitCodeOf } from "../base/hive-error.ts";
import { restoreTerminal } from "./terminal-restore.ts";

/** An error that nobody awaited is our bug: one line, the terminal given back, and the exit code that says so. */
export function exitOnCrash(exit: (code: number) => void): void {
  const crash = (error: unknown): void => {
    restoreTerminal();
    const debug = (process.env["HIVE_DEBUG"] ?? "") !== "";
    const text = error instanceof Error ? (debug ? error.stack : error.message) : String(error);
    process.stderr.write(
      `internal error: ${text}\n${debug ? "" : "hint: this is a bug in hive; HIVE_DEBUG=1 shows where\n"}`,
    );
    exit(exitCodeOf("internal"));
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}
