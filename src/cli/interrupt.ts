import { HiveError } from "../base/hive-error.ts";
import { restoreTerminal } from "./terminal-restore.ts";

type Interrupt = {
  /** Aborts at the first Ctrl-C or SIGTERM, with a HiveError as its reason. */
  readonly signal: AbortSignal;
  /** What the shell expects of a process ended by that signal: 130 or 143. */
  readonly exitCode: number | undefined;
  /** From here on a signal is the usual end of what runs, which may take so many milliseconds: no exit code of its own. */
  readonly endBySignal: (limit: number) => void;
};

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** The clean-up after the first signal may take this long before the process ends all the same. */
const cleanUpLimit = 5_000;

/** The first signal cancels what runs; the second, or a clean-up that hangs, exits at once. */
export function interruptible(exit: (code: number) => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let limit = cleanUpLimit;
  let usual = false;
  function exitNow(code: number): void {
    restoreTerminal();
    exit(code);
  }
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) return exitNow(exitCodes[name]);
      if (!usual) exitCode = exitCodes[name];
      setTimeout(exitNow, limit, exitCodes[name]).unref();
      controller.abort(
        new HiveError("interrupted", name === "SIGINT" ? "Interrupted" : "Terminated"),
      );
    });
  }
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    endBySignal(milliseconds) {
      usual = true;
      limit = milliseconds;
    },
  };
}
