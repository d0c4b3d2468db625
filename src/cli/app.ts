import type { ConsolaInstance } from "consola/core";

/** What a command may touch of the world outside. */
export type App = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Messages for people, on stderr. */
  readonly log: ConsolaInstance;
};

export type Output = {
  readonly isTTY: boolean;
  readonly color: boolean;
  /** Columns and rows now: a terminal may be resized. */
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
};
