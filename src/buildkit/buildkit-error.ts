/** Lines of a file, from 1; the end is included. */
export type LineRange = { readonly start: number; readonly end: number };

/** A file that an error points into, as the daemon saw it: with the bytes that were sent. */
export type ErrorSource = {
  readonly filename: string;
  readonly data: Uint8Array;
  readonly ranges: readonly LineRange[];
};

/**
 * How a build ended: its own fault (`failed`), our abort (`canceled`), a daemon that doesn't answer (`unreachable`),
 * or a connection that broke while it ran (`lost`).
 */
export type BuildkitErrorKind = "failed" | "canceled" | "unreachable" | "lost";

type BuildkitErrorDetails = {
  readonly sources?: readonly ErrorSource[];
  /** The digest of the step that failed. */
  readonly step?: string | undefined;
  /** What the step's process exited with. */
  readonly exitCode?: number | undefined;
  readonly transient?: boolean;
  readonly cause?: unknown;
};

/** A build or a call to the daemon that failed. No other error of the daemon's leaves this room. */
export class BuildkitError extends Error {
  override readonly name = "BuildkitError";
  readonly kind: BuildkitErrorKind;
  readonly sources: readonly ErrorSource[];
  readonly step: string | undefined;
  readonly exitCode: number | undefined;
  /** Of a build that failed: nothing that it did is to blame, so the same build may well work now. */
  readonly transient: boolean;

  constructor(kind: BuildkitErrorKind, message: string, details: BuildkitErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.sources = details.sources ?? [];
    this.step = details.step;
    this.exitCode = details.exitCode;
    this.transient = details.transient ?? false;
  }
}
