import type { Diagnostic } from "./diagnostic.ts";

/**
 * What went wrong, as far as the exit code needs to know.
 * The numbers are those of `docs/build.md`.
 */
const exitCodes = {
  /** A build or a check failed. */
  failed: 1,
  /** A wrong flag, a wrong file of the project. */
  usage: 2,
  /** BuildKit, a registry or an engine can't be reached, or stopped answering. */
  unreachable: 4,
  /** A registry wants other credentials. */
  unauthorized: 5,
  /** A gate does not let it pass: a condition of a promotion, a rule of a registry. */
  policy: 6,
  /** Our own bug. */
  internal: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ErrorKind = keyof typeof exitCodes;

/** The process exit code for a kind of error. */
export function exitCodeOf(kind: ErrorKind): number {
  return exitCodes[kind];
}

/** What an error counts as: one that nobody expected is our own bug. */
export function errorKind(error: unknown): ErrorKind {
  return error instanceof HiveError ? error.kind : "internal";
}

type HiveErrorOptions = {
  /** What the user can do next, one sentence or a few lines. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Findings with places; printed below the message. */
  readonly diagnostics?: readonly Diagnostic[] | undefined;
};

/** An error that a user can act on: it is printed as message and hint, without a stack. */
export class HiveError extends Error {
  override readonly name = "HiveError";
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];

  constructor(kind: ErrorKind, message: string, options: HiveErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.diagnostics = options.diagnostics ?? [];
  }
}
