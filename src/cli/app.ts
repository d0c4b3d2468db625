import type { ConsolaInstance } from "consola/core";
import type { Environment } from "../base/environment.ts";
import type { Output } from "../progress/renderer.ts";
import type { Look } from "../progress/terminal.ts";

/** What a command may touch of the world outside. */
export type App = {
  readonly env: Environment;
  readonly cwd: string;
  /** Names of the flags that stand on the command line, as against those of the environment. */
  readonly given: ReadonlySet<string>;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** For what runs until it is stopped: a signal is its usual end then, which may take so many milliseconds. */
  readonly endBySignal: (limit: number) => void;
  /** For results. */
  readonly stdout: Stream;
  /** For everything else. */
  readonly stderr: Stream;
  /** Messages for people, on stderr. */
  readonly log: ConsolaInstance;
};

export type Stream = Output & {
  readonly look: Look;
  /** What tables have to fit in; undefined for a pipe, and for a terminal that was never told its size and says 0. */
  readonly width: number | undefined;
};
