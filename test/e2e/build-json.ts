import type { HiveResult } from "../support/run-hive.ts";

export type BuiltTarget = {
  readonly reference: string;
  readonly platform: string;
  readonly status: string;
  readonly digest?: string;
  readonly size?: number;
  /** The BuildKit that built it, when there were several. */
  readonly node?: string;
};

/** What `hive build --json` printed. @throws with everything that was printed when it is no JSON. */
export function builtTargets(result: HiveResult): readonly BuiltTarget[] {
  try {
    return (JSON.parse(result.stdout) as { targets: BuiltTarget[] }).targets;
  } catch (cause) {
    throw new Error(`hive printed no JSON. stdout:\n${result.stdout}\nstderr:\n${result.stderr}`, {
      cause,
    });
  }
}

/** `{ "base:1.0": "cached" }` of a project with one platform. */
export function statuses(result: HiveResult): Record<string, string> {
  return Object.fromEntries(
    builtTargets(result).map(({ reference, status }) => [reference, status]),
  );
}
