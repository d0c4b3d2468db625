import type { Plan, Target, TargetId } from "./plan.ts";

/**
 * The plan as text, level by level: a level has the targets that can be built once all levels above it are.
 * Below each target stands what it needs; what was not asked for says so.
 */
export function renderGraph(plan: Plan): string {
  const levels = levelsOf(plan);
  return levels
    .map((targets, index) => {
      const lines = targets.flatMap((target) => renderTarget(target));
      return [`level ${index}`, ...lines].join("\n");
    })
    .join("\n");
}

function renderTarget(target: Target): string[] {
  const needs = [...new Set(target.dependencies.map((dependency) => dependency.target))];
  return [
    `  ${target.id}${target.requested ? "" : " (only needed)"}`,
    ...needs.map((id, index) => `    ${index === needs.length - 1 ? "`-" : "|-"} ${id}`),
  ];
}

function levelsOf({ targets }: Plan): Target[][] {
  const levelOf = new Map<TargetId, number>();
  const levels: Target[][] = [];
  // Targets come after what they need, so every level below is known.
  for (const target of targets) {
    const below = target.dependencies.map((dependency) => levelOf.get(dependency.target) ?? 0);
    const level = below.length === 0 ? 0 : Math.max(...below) + 1;
    levelOf.set(target.id, level);
    (levels[level] ??= []).push(target);
  }
  return levels;
}
