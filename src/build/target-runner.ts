import type { Platform } from "../oci/platform.ts";
import type { Plan, Target, TargetId } from "../plan/plan.ts";
import { makeImage, type MakeImageOptions } from "./make-image.ts";
import type { BuiltImage } from "./target/build-target.ts";
import { createStepRecord } from "./target/step-record.ts";
import { targetFailure } from "./target/target-failure.ts";
import { type BuildOutput, writeOutput } from "./write-output.ts";

/** Runs one target of a plan, and tells what becomes of it as events. @throws what it failed with */
export type RunTarget = (
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
) => Promise<BuiltImage>;

type RunnerOptions = Omit<MakeImageOptions, "onPlace" | "native" | "steps"> & {
  readonly plan: Plan;
  /** Whether there are several nodes: a target then begins when it has one, for until then it may wait. */
  readonly isSpread: boolean;
  /** The own platform of the daemons that may build a target. */
  readonly nativeOf: (target: Target) => Platform;
  /** Takes the files of the requested images as well. */
  readonly output: BuildOutput | undefined;
  /** Of an error what is told: where the whole run was stopped, why. */
  readonly reasonOf: (error: unknown) => unknown;
};

/** Runs the targets of a plan, each from its beginning to its end, whoever says when. */
export function createTargetRunner(options: RunnerOptions): RunTarget {
  const { plan, isSpread, nativeOf, output, results, reasonOf, emit } = options;
  return async (target, needs) => {
    const steps = createStepRecord();
    let started: number | undefined;
    const begin = (node?: string): void => {
      started ??= performance.now();
      emit({ type: "target.start", target: target.id, ...(node === undefined ? {} : { node }) });
    };
    const duration = (): number => performance.now() - (started ?? performance.now());
    if (!isSpread) begin();
    try {
      const making: MakeImageOptions = {
        ...options,
        native: nativeOf(target),
        steps,
        onPlace({ buildkit, attempt }) {
          if (attempt > 1) steps.restart();
          if (isSpread) begin(buildkit.address);
          else if (attempt > 1) begin();
        },
      };
      const image = await makeImage(target, needs, making);
      if (output !== undefined && target.requested) {
        await writeOutput(target, needs, { ...making, output, plan });
      }
      await results.publish(target, image);
      if (started === undefined) begin();
      const { descriptor, size, how, cacheBytes } = image;
      const { digest } = descriptor;
      const pushed = results.nameOf(target);
      emit({
        type: "target.done",
        target: target.id,
        digest,
        size,
        cached: how !== "built",
        ...(how === "unchanged" ? { unchanged: true } : {}),
        ...(cacheBytes === undefined ? {} : { cache: cacheBytes }),
        ...(pushed === undefined ? {} : { pushed }),
        duration: duration(),
      });
      return { target, digest };
    } catch (error) {
      emit(targetFailure(target, reasonOf(error), steps, duration()));
      throw error;
    }
  };
}
