import { Semaphore } from "../base/semaphore.ts";
import type { Target, TargetId } from "../plan/plan.ts";

/** What became of a target. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "skipped"; readonly because: string };

/**
 * What a failure means for the targets that do not need the failed one:
 * `stop` starts no more of them, `continue` builds them. What already runs is finished in both,
 * so that one failed branch never hides another's error.
 */
export type FailurePolicy = "stop" | "continue";

export type ScheduleOptions = {
  /** How many targets of one lane run at a time. */
  readonly jobs: number;
  /** Targets that wait for the same have the same lane, so that those of others need not wait behind them. Default: one for all. */
  readonly laneOf?: (target: Target) => string;
  readonly onFailure: FailurePolicy;
  readonly signal: AbortSignal;
};

/**
 * Runs every target as soon as all that it needs is done; each runs once.
 * @param targets a plan's targets: each after what it needs
 * @param run gets the results of the target's dependencies; what it throws is that target's failure
 * @returns an outcome for every target; never rejects
 */
export async function schedule<T>(
  targets: readonly Target[],
  run: (target: Target, needs: ReadonlyMap<TargetId, T>) => Promise<T>,
  options: ScheduleOptions,
): Promise<ReadonlyMap<TargetId, Outcome<T>>> {
  const lanes = new Map<string, Semaphore>();
  const outcomes = new Map<TargetId, Promise<Outcome<T>>>();
  let firstFailure: TargetId | undefined;

  function permitsOf(target: Target): Semaphore {
    const lane = options.laneOf?.(target) ?? "";
    const permits = lanes.get(lane) ?? new Semaphore(options.jobs);
    lanes.set(lane, permits);
    return permits;
  }

  async function settle(target: Target): Promise<Outcome<T>> {
    const needs = new Map<TargetId, T>();
    for (const { target: id } of target.dependencies) {
      const outcome = await outcomes.get(id);
      if (outcome?.kind === "done") needs.set(id, outcome.value);
      else
        return {
          kind: "skipped",
          because: outcome?.kind === "skipped" ? outcome.because : `${id} failed`,
        };
    }
    try {
      using _permit = await permitsOf(target).acquire(options.signal);
      options.signal.throwIfAborted();
      if (firstFailure !== undefined && options.onFailure === "stop") {
        return { kind: "skipped", because: `stopped after ${firstFailure} failed` };
      }
      return { kind: "done", value: await run(target, needs) };
    } catch (error) {
      if (options.signal.aborted && error === options.signal.reason)
        return { kind: "skipped", because: "canceled" };
      firstFailure ??= target.id;
      return { kind: "failed", error };
    }
  }

  for (const target of targets) outcomes.set(target.id, settle(target));
  return new Map(
    await Promise.all([...outcomes].map(async ([id, outcome]) => [id, await outcome] as const)),
  );
}
