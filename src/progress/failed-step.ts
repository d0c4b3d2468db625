import { printableLines } from "../base/printable.ts";
import type { EventOf } from "./event.ts";
import type { TargetState } from "./run-state.ts";
import { formatStepName, parseStepName } from "./step-name.ts";

type FailedStep = {
  /** `[3/5] RUN make`. */
  readonly name: string;
  /** The last lines of its output, safe to print: as many as were kept. */
  readonly log: readonly string[];
};

/** The step that made a target fail: what the event says, else what was seen; undefined when no step is to blame. */
export function findFailedStep(
  target: TargetState,
  failure: EventOf<"target.failed">,
): FailedStep | undefined {
  const failed = [...target.steps.values()].find((step) => step.status === "failed");
  const seen =
    failed === undefined ? undefined : { name: formatStepName(failed.name), log: failed.log.lines };
  if (failure.step === undefined) return seen;
  const name = formatStepName(parseStepName(failure.step.name));
  const log = failure.step.log.flatMap(printableLines);
  // Whichever knows more of the same output.
  return { name, log: (seen?.log.length ?? 0) > log.length ? (seen?.log ?? []) : log };
}
