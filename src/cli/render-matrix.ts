import { formatPlatform } from "../oci/platform.ts";
import type { Target } from "../plan/plan.ts";

/** Systems whose job matrices can be made of targets. */
export const matrixFormats = ["github", "gitlab"] as const;

export type MatrixFormat = (typeof matrixFormats)[number];

/**
 * A job for each target, in one line of JSON: for GitHub what `strategy.matrix` takes by `fromJSON`, for GitLab the list that
 * stands under `parallel.matrix` in a generated pipeline, where variables are in capitals.
 */
export function renderMatrix(format: MatrixFormat, targets: readonly Target[]): string {
  const jobs = targets.map(({ name, tag, reference, platform }) => ({
    image: name,
    tag,
    reference,
    platform: formatPlatform(platform),
  }));
  if (format === "github") return JSON.stringify({ include: jobs });
  return JSON.stringify(
    jobs.map((job) =>
      Object.fromEntries(Object.entries(job).map(([key, value]) => [key.toUpperCase(), value])),
    ),
  );
}
