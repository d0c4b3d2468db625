import type { SourceText } from "../base/source-text.ts";
import { platformSlug } from "../oci/platform.ts";
import { builtInTemplates } from "./built-in-templates.ts";
import type { Pipeline } from "./pipeline.ts";

/** Those that no template reads, but what makes the jobs. */
const ofJobs = ["shards", "job_image", "registry"];

/**
 * Every option that any template could ask for, of other systems too: hive.yml is for all of them. What a template
 * makes up while it runs is not among them.
 */
export function knownOptions(
  sources: Iterable<SourceText>,
  { platforms }: Pick<Pipeline, "platforms">,
): Set<string> {
  const texts = [
    ...Object.values(builtInTemplates).flatMap((templates) => Object.values(templates)),
    ...[...sources].map(({ text }) => text),
  ];
  const named = texts.flatMap((text) =>
    [...text.matchAll(/\boption "([^"\n]+)"/g)].map(([, key = ""]) => key),
  );
  const runners = [
    "linux_amd64",
    "linux_arm64",
    ...platforms.map((one) => platformSlug(one).replaceAll("-", "_")),
  ];
  return new Set([...ofJobs, ...named, ...runners.map((runner) => `runner_${runner}`)]);
}
