/**
 * Wraps lines into a group that the log page of the CI system shows folded.
 * {@link https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#grouping-log-lines}
 * {@link https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections}
 * @param time Milliseconds since 1970.
 */
export function foldLines(
  ci: "github" | "gitlab",
  title: string,
  lines: readonly string[],
  time: number,
): readonly string[] {
  if (ci === "github") return [`::group::${title}`, ...lines, "::endgroup::"];
  const seconds = Math.floor(time / 1000);
  const name = `hive_${title.replaceAll(/[^A-Za-z0-9]+/g, "_")}`;
  const clear = "\u001B[0K";
  return [
    `${clear}section_start:${seconds}:${name}[collapsed=true]\r${clear}${title}`,
    ...lines,
    `${clear}section_end:${seconds}:${name}\r${clear}`,
  ];
}
