import type { Pipeline } from "./pipeline.ts";

/** What each job has to build, references with spaces between them, by its id; all of them together are `finalize`. */
export function jobReferences({ jobs, localJobs }: Pipeline): Record<string, string> {
  const entries = [...jobs, ...localJobs].map(({ id, references }) => [id, references.join(" ")]);
  const all = new Set(jobs.flatMap(({ references }) => references));
  return Object.fromEntries([
    ...entries,
    ...(all.size === 0 ? [] : [["finalize", [...all].join(" ")]]),
  ]);
}
