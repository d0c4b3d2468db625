import type { TargetState } from "./run-state.ts";

type Path = { readonly targets: readonly string[]; readonly duration: number };

/** The chain of needs whose durations (milliseconds) add up to the most: what a faster run has to shorten. */
export function criticalPath(targets: readonly TargetState[]): Path {
  const known = new Map<string, { readonly duration: number; readonly before?: string }>();
  let last: string | undefined;
  // In a plan every target comes after what it needs; a need that doesn't counts nothing.
  for (const target of targets) {
    let before: string | undefined;
    for (const need of target.needs) {
      const path = known.get(need);
      if (path !== undefined && path.duration > (known.get(before ?? "")?.duration ?? -1))
        before = need;
    }
    const duration = durationOf(target) + (known.get(before ?? "")?.duration ?? 0);
    known.set(target.id, before === undefined ? { duration } : { duration, before });
    if (last === undefined || duration > (known.get(last)?.duration ?? 0)) last = target.id;
  }
  const chain: string[] = [];
  for (let id = last; id !== undefined; id = known.get(id)?.before) chain.unshift(id);
  return { targets: chain, duration: known.get(last ?? "")?.duration ?? 0 };
}

function durationOf({ status }: TargetState): number {
  return "duration" in status ? status.duration : 0;
}
