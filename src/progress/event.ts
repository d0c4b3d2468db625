import type { Digest } from "../oci/digest.ts";

/**
 * Everything that happens in a build. Displays, the NDJSON log and the summary are subscribers; nothing else prints.
 * Times are milliseconds since 1970, durations milliseconds, sizes bytes.
 */
export type BuildEvent = { readonly time: number } & (
  | { readonly type: "run.start"; readonly version: string; readonly root: string }
  /** Once for each BuildKit. */
  | {
      readonly type: "connected";
      readonly address: string;
      readonly version: string;
      readonly platforms: readonly string[];
    }
  | { readonly type: "plan"; readonly targets: readonly PlannedTarget[] }
  | {
      readonly type: "target.start";
      readonly target: string;
      /** The address of the BuildKit that builds it, when there are several. */
      readonly node?: string;
    }
  | TargetRetry
  | {
      readonly type: "step.start";
      readonly target: string;
      readonly step: string;
      readonly name: string;
    }
  | StepProgress
  | {
      readonly type: "step.log";
      readonly target: string;
      readonly step: string;
      readonly stream: 1 | 2;
      /** Decoded output as it came: any number of lines, the last one perhaps unfinished. */
      readonly text: string;
    }
  | StepDone
  | {
      readonly type: "warning";
      readonly target: string;
      readonly message: string;
      readonly file?: string;
      readonly line?: number;
      readonly url?: string;
    }
  | TargetDone
  | TargetFailed
  | { readonly type: "target.skipped"; readonly target: string; readonly because: string }
  | Named
  | { readonly type: "run.end"; readonly ok: boolean; readonly duration: number }
);

/** The event of one type: `EventOf<"target.failed">`. */
export type EventOf<T extends BuildEvent["type"]> = Extract<BuildEvent, { readonly type: T }>;

/** An event before its time was noted. */
export type UntimedEvent = BuildEvent extends infer E
  ? E extends BuildEvent
    ? Omit<E, "time">
    : never
  : never;

/** Takes every event of a run, in order. Must not throw. */
export type EventSink = (event: BuildEvent) => void;

export type PlannedTarget = {
  /** `base:1.0 linux/amd64`. */
  readonly id: string;
  readonly reference: string;
  readonly platform: string;
  readonly needs: readonly string[];
};

type StepProgress = {
  readonly type: "step.progress";
  readonly target: string;
  readonly step: string;
  /** What moves: `transferring context`, a layer's digest. */
  readonly item: string;
  readonly current: number;
  /** 0 when unknown. */
  readonly total: number;
  readonly done: boolean;
};

type StepDone = {
  readonly type: "step.done";
  readonly target: string;
  readonly step: string;
  readonly cached: boolean;
  readonly duration: number;
  readonly error?: string;
  readonly canceled?: boolean;
};

/** Its build was lost, by no fault of its own, and is made once more: `target.start` follows when it begins. */
type TargetRetry = {
  readonly type: "target.retry";
  readonly target: string;
  /** The address of the BuildKit where it was lost. */
  readonly node: string;
  readonly reason: string;
};

type TargetDone = {
  readonly type: "target.done";
  readonly target: string;
  readonly digest: Digest;
  /** Compressed size of the image: manifest, config and layers. */
  readonly size: number;
  /** No step of it ran. */
  readonly cached: boolean;
  /** Nothing that goes into it changed since it was built: the daemon was not asked. */
  readonly unchanged?: boolean;
  /** What was read from and written to the build cache. */
  readonly cache?: CacheBytes;
  /** The name that it has at a registry: `registry.example.com/team/base:1.0.linux-amd64`. */
  readonly pushed?: string;
  readonly duration: number;
};

/** A name at a registry stands for what it should: those of references and aliases. */
type Named = {
  readonly type: "named";
  /** `registry.example.com/team/base:1.0`. */
  readonly name: string;
  readonly digest: Digest;
  /** An alias is `of` another name, an index or an image of one platform is not. */
  readonly of?: string;
  readonly platforms: readonly string[];
  /** Whether it did not stand for it before. */
  readonly changed: boolean;
};

/** Bytes. BuildKit does not tell how much it writes to a cache elsewhere: then `exported` is absent. */
export type CacheBytes = { readonly imported: number; readonly exported?: number };

type TargetFailed = {
  readonly type: "target.failed";
  readonly target: string;
  readonly message: string;
  readonly canceled: boolean;
  readonly duration: number;
  /** The step that failed and the last lines that it printed. */
  readonly step?: { readonly name: string; readonly log: readonly string[] };
  /** The place in the user's Dockerfile. */
  readonly source?: {
    readonly file: string;
    readonly line: number;
    readonly endLine: number;
    /** The whole file; displays cut out the lines around the place. */
    readonly text: string;
    /** Present when `text` is what the file, a template, gave: its line that `line` comes from. */
    readonly templateLine?: number;
  };
  /** What to do next. */
  readonly hint?: string;
};
