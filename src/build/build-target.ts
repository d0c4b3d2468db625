import type { Buildkit } from "../buildkit/connect-buildkit.ts";
import type { FileTree } from "../buildkit/file-tree.ts";
import type { Credentials } from "../buildkit/solve-request.ts";
import { solve } from "../buildkit/solve.ts";
import { contextKey } from "../context/context-key.ts";
import { steadyTimes } from "../context/steady-times.ts";
import {
  reservedPrefix,
  rewriteHiveArgs,
  rewriteHiveReferences,
} from "../dockerfile/rewrite-hive-references.ts";
import { pinContexts } from "../inputs/pin-contexts.ts";
import type { Digest } from "../oci/digest.ts";
import type { Target, TargetId } from "../plan/plan.ts";
import type { UntimedEvent } from "../progress/event.ts";
import type { Handover } from "./handover.ts";
import { missingEmulator } from "./missing-emulator.ts";
import { namedContexts } from "./named-contexts.ts";
import { stepEvent } from "./step-event.ts";
import type { StepRecord } from "./step-record.ts";

/** A target that was built: its image is where the hand-over put it. */
export type BuiltImage = { readonly target: Target; readonly digest: Digest };

export type BuildTargetOptions = {
  readonly buildkit: Buildkit;
  readonly context: FileTree;
  /** Parts what the daemon has of this context from what it has of it for others. Default: `context`. */
  readonly contextKind?: string;
  /** Images from elsewhere by digest, as far as they are known: they are what is built on. */
  readonly bases: ReadonlyMap<string, Digest>;
  /** The patterns of a `.dockerignore` for this Dockerfile alone. */
  readonly ignore: string | undefined;
  readonly handover: Handover;
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
  /** Runs every step again. */
  readonly noCache: boolean;
  readonly steps: StepRecord;
  readonly emit: (event: UntimedEvent) => void;
  readonly signal: AbortSignal;
};

/**
 * Builds one target on the daemon, which puts the image where the hand-over says.
 * @param needs the results of its dependencies
 * @throws BuildkitError, HiveError
 */
export async function buildTarget(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  {
    buildkit,
    context,
    contextKind = "context",
    bases,
    ignore,
    handover,
    credentials,
    noCache,
    steps,
    emit,
    signal,
  }: BuildTargetOptions,
): Promise<Digest> {
  const { file, text } = target.dockerfile;
  const { epoch } = target;
  const encoder = new TextEncoder();
  const missing = missingEmulator(target, buildkit.workers[0]?.platforms ?? []);
  if (missing !== undefined) emit({ type: "warning", target: target.id, file, ...missing });
  const result = await solve(
    buildkit,
    {
      dockerfile: {
        name: "Dockerfile",
        bytes: encoder.encode(rewriteHiveReferences(text)),
        ...(ignore === undefined ? {} : { ignore: encoder.encode(ignore) }),
      },
      context: epoch === undefined ? context : steadyTimes(context, epoch),
      sharedKey: contextKey(target.context, contextKind),
      platform: target.platform,
      buildArgs: {
        ...rewriteHiveArgs(text, target.buildArgs),
        // Sets the times in the image's config, and is there for steps that ask for it with ARG.
        ...(epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(epoch) }),
      },
      labels: target.labels,
      namedContexts: {
        ...pinContexts(target, bases),
        ...namedContexts(target, reservedPrefix, needs, handover),
      },
      frontendAttrs: noCache ? { "no-cache": "" } : {},
      exporter: handover.exporter(target),
      credentials,
    },
    {
      signal,
      onStatus(event) {
        steps.push(event);
        emit(stepEvent(target.id, file, event));
      },
    },
  );
  if (result.digest === undefined) throw new Error("Internal error: the daemon made no image");
  return result.digest;
}
