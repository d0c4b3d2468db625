import type { Plan, TargetId } from "./plan.ts";

/** In which step each target can be built: 1 needs nothing, all others come after the last of what they need. */
export function planLevels({ targets }: Plan): ReadonlyMap<TargetId, number> {
  const levels = new Map<TargetId, number>();
  for (const { id, dependencies } of targets) {
    const needed = dependencies.map(({ target }) => levels.get(target) ?? 0);
    levels.set(id, 1 + Math.max(0, ...needed));
  }
  return levels;
}
