/**
 * What happens in one build, step by step. A step is known by its digest.
 * A step may be started again after it was done, and is done again later: its duration adds up.
 */
export type StepEvent = StepStarted | StepProgress | StepLog | StepDone | StepWarning;

export type StepStarted = {
  readonly type: "started";
  readonly step: string;
  readonly name: string;
  /** Steps of one group are shown as one line; a group of only weak steps isn't shown. */
  readonly group?: { readonly id: string; readonly name: string; readonly weak: boolean };
};

export type StepProgress = {
  readonly type: "progress";
  readonly step: string;
  /** What moves: `transferring context:`, a layer's digest. */
  readonly item: string;
  /** Bytes, mostly. */
  readonly current: number;
  /** 0 when unknown. */
  readonly total: number;
  readonly done: boolean;
};

export type StepLog = {
  readonly type: "log";
  readonly step: string;
  /** 1 is standard output, 2 standard error. */
  readonly stream: 1 | 2;
  /** A whole line, without its end; may hold ANSI sequences. */
  readonly text: string;
};

export type StepDone = {
  readonly type: "done";
  readonly step: string;
  readonly name: string;
  readonly cached: boolean;
  /** Milliseconds in which it ran, by the daemon's clock. */
  readonly duration: number;
  readonly error?: string;
  /** The error is only that the build was canceled. */
  readonly canceled?: boolean;
};

export type StepWarning = {
  readonly type: "warning";
  readonly step: string;
  readonly message: string;
  readonly detail: readonly string[];
  readonly url?: string;
  readonly file?: string;
  /** Counts from 1. */
  readonly line?: number;
};
