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
  /** How many targets run at a time. */
  readonly jobs: number;
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
  const permits = new Semaphore(options.jobs);
  const outcomes = new Map<TargetId, Promise<Outcome<T>>>();
  let firstFailure: TargetId | undefined;

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
      using _permit = await permits.acquire(options.signal);
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
