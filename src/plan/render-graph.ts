import { planLevels } from "./plan-levels.ts";
import { needsOf } from "./needs-of.ts";
import type { Plan, Target } from "./plan.ts";

/**
 * The plan as text, step by step: a step has the targets that can be built once all steps above it are.
 * Below each target stands what it needs; what was not asked for says so.
 */
export function renderGraph(plan: Plan): string {
  const levels = planLevels(plan);
  return [...Map.groupBy(plan.targets, ({ id }) => levels.get(id) ?? 0)]
    .toSorted(([a], [b]) => a - b)
    .map(([level, targets]) => [`step ${level}`, ...targets.flatMap(renderTarget)].join("\n"))
    .join("\n");
}

function renderTarget(target: Target): string[] {
  const needs = [...needsOf(target)];
  return [
    `  ${target.id}${target.requested ? "" : " (only needed)"}`,
    ...needs.map((id, index) => `    ${index === needs.length - 1 ? "`-" : "|-"} ${id}`),
  ];
}
