import { exitCodeOf } from "../base/hive-error.ts";
import { describeInternalError } from "./internal-error.ts";
import { restoreTerminal } from "./terminal-restore.ts";

/** An error that nobody awaited is our bug: one line, the terminal given back, and the exit code that says so. */
export function exitOnCrash(exit: (code: number) => void): void {
  const crash = (error: unknown): void => {
    restoreTerminal();
    const { message, hint } = describeInternalError(error, process.env);
    process.stderr.write(`internal error: ${message}\n`);
    if (hint !== undefined) process.stderr.write(`hint: ${hint}\n`);
    exit(exitCodeOf("internal"));
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}
