import { mapLimited } from "../base/map-limited.ts";
import { readIgnore } from "../context/read-ignore.ts";
import { targetContext } from "../context/target-context.ts";
import { compareImages, type ImageDifference } from "../oci/compare/compare-images.ts";
import type { Buildkit } from "../buildkit/connect-buildkit.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";
import type { Target, TargetId } from "../plan/plan.ts";
import type { UntimedEvent } from "../progress/event.ts";
import { buildTarget, type BuiltImage } from "./target/build-target.ts";
import type { BuildOptions } from "./build.ts";
import { noRunCache } from "./cache/create-run-cache.ts";
import { createHandovers, type HandoverMode } from "./handover/create-handovers.ts";
import { basesFinder } from "./find-bases.ts";
import { openKnownWays } from "./handover/known-ways.ts";
import { createRunRegistries } from "./handover/run-registries.ts";
import { createStepRecord } from "./target/step-record.ts";
import { targetFailure } from "./target/target-failure.ts";
import { secretsOfRun } from "./target/target-secrets.ts";

export type RebuildOptions = Pick<
  BuildOptions,
  "plan" | "jobs" | "resolveBase" | "env" | "credentials" | "tokens" | "emit" | "signal"
> & {
  readonly buildkit: Buildkit;
  readonly handover: HandoverMode;
  /** Has what is built on. */
  readonly layout: ImageLayout;
  /** What a build of the plan just made of each target; it is in `layout`. */
  readonly built: ReadonlyMap<string, Digest>;
  /** Takes what is built now. */
  readonly temporary: ImageLayout;
};

/** What a second build of a target gave. */
export type RebuiltTarget = {
  readonly target: Target;
  readonly first: Digest;
  /** Absent when it failed, which was told as an event. */
  readonly second?: Digest;
  /** Absent when both are the same, or differ in times alone on a daemon that can't set them. */
  readonly difference?: ImageDifference;
  /** Both have another digest and yet everything that the daemon can repeat. */
  readonly sameButTimes?: true;
};

/**
 * Builds the requested targets once more, every step and every file of the context anew, each on the same parents as before,
 * and compares. So a target that can't be reproduced says nothing about those that are built on it.
 * @throws HiveError, the signal's reason when it aborts
 */
export async function rebuild(options: RebuildOptions): Promise<RebuiltTarget[]> {
  const { plan, layout, temporary, built, jobs, signal } = options;
  const stop = new AbortController();
  const onError = (error: Error): void => stop.abort(error);
  const registries = createRunRegistries(options.credentials, onError);
  await using parents = await registries.serve(layout);
  await using results = await registries.serve(temporary);
  const emit = (event: UntimedEvent): void => options.emit({ time: Date.now(), ...event });
  await using cleanup = new AsyncDisposableStack();
  const findHandover = createHandovers({
    mode: options.handover,
    parents: { layout, registry: parents },
    results: { layout: temporary, registry: results },
    known: openKnownWays(options.env),
    onError,
    credentials: registries.credentials,
    // The build before has told it.
    warn: () => {},
    cleanup,
    signal: AbortSignal.any([signal, stop.signal]),
  });
  const needs = new Map<TargetId, BuiltImage>();
  for (const target of plan.targets) {
    const digest = built.get(target.id);
    if (digest !== undefined) needs.set(target.id, { target, digest });
  }
  const secrets = secretsOfRun(options.env, signal);
  const basesOf = basesFinder(plan.targets, options.resolveBase);

  async function once(target: Target): Promise<Digest | undefined> {
    const started = performance.now();
    const steps = createStepRecord();
    emit({ type: "target.start", target: target.id });
    try {
      const { digest } = await buildTarget(target, needs, {
        ...options,
        context: targetContext(target.context),
        // One that no build had before: the daemon asks for every file.
        contextKind: `rebuild ${crypto.randomUUID()}`,
        bases: await basesOf(target),
        ignore: readIgnore(target.context.dockerfile),
        handover: await findHandover(options.buildkit),
        credentials: registries.credentials,
        secrets,
        // Nothing is to come from there, and nothing new would go there.
        cache: noRunCache,
        noCache: true,
        steps,
        emit,
        signal: AbortSignal.any([signal, stop.signal]),
      });
      const duration = performance.now() - started;
      emit({ type: "target.done", target: target.id, digest, size: 0, cached: false, duration });
      return digest;
    } catch (error) {
      signal.throwIfAborted();
      stop.signal.throwIfAborted();
      emit(targetFailure(target, error, steps, performance.now() - started));
      return undefined;
    }
  }

  const { exportsImages: times } = await options.buildkit.capabilities();
  const requested = plan.targets.filter(({ requested: isRequested }) => isRequested);
  return await mapLimited(requested, jobs, async (target): Promise<RebuiltTarget> => {
    const first = built.get(target.id);
    if (first === undefined) throw new Error(`Internal error: ${target.id} was not built`);
    const second = await once(target);
    if (second === undefined) return { target, first };
    const difference = await compareImages(
      { blobs: layout.blobs, digest: first },
      { blobs: temporary.blobs, digest: second },
      { times },
    );
    if (difference !== undefined) return { target, first, second, difference };
    return { target, first, second, ...(first === second ? {} : { sameButTimes: true }) };
  });
}
