import type { RunState, TargetState } from "./run-state.ts";

// Fewer samples say nothing; nor does a part of the plan this small.
const fewestBuilt = 3;
const smallestPart = 0.25;
// The guess is shown in these steps, as it is no better.
const grain = 10_000;

/**
 * Milliseconds that the run will still take, from the pace of the targets that were built so far; undefined while
 * that would be a mere guess, and near the end, when the slowest target alone decides.
 */
export function estimateRemaining(state: RunState, now: number): number | undefined {
  const targets = [...state.targets.values()];
  const built = targets.filter(({ status }) => status.kind === "built").length;
  const left = targets.filter(isOpen);
  if (state.startedAt === undefined || built < fewestBuilt) return undefined;
  if (built < (built + left.length) * smallestPart) return undefined;
  if (left.every(({ status }) => status.kind === "running")) return undefined;
  const pace = (now - state.startedAt) / built;
  const remaining = Math.round((pace * left.length) / grain) * grain;
  return remaining > 0 ? remaining : undefined;
}

function isOpen({ status }: TargetState): boolean {
  return status.kind === "waiting" || status.kind === "running";
}
