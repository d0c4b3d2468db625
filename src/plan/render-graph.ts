import { planLevels } from "./plan-levels.ts";
import type { Plan, Target } from "./plan.ts";

/**
 * The plan as text, level by level: a level has the targets that can be built once all levels above it are.
 * Below each target stands what it needs; what was not asked for says so.
 */
export function renderGraph(plan: Plan): string {
  const levels = planLevels(plan);
  const byLevel = [...Map.groupBy(plan.targets, ({ id }) => levels.get(id) ?? 0)];
  return byLevel
    .toSorted(([a], [b]) => a - b)
    .map(([level, targets]) => [`level ${level - 1}`, ...targets.flatMap(renderTarget)].join("\n"))
    .join("\n");
}

function renderTarget(target: Target): string[] {
  const needs = [...new Set(target.dependencies.map((dependency) => dependency.target))];
  return [
    `  ${target.id}${target.requested ? "" : " (only needed)"}`,
    ...needs.map((id, index) => `    ${index === needs.length - 1 ? "`-" : "|-"} ${id}`),
  ];
}
