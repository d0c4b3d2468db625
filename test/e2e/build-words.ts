import { runHive } from "../support/run-hive.ts";

/** Where nobody else decides: no CI, and times that do not depend on when files were written. */
export const steadyEnvironment = { HIVE_CI: "0", SOURCE_DATE_EPOCH: "1700000000" };

/** Builds in `cwd`; the plain log's word for each target: built, cached, unchanged. @throws when the build fails. */
export async function buildWords(
  cwd: string,
  ...args: readonly string[]
): Promise<Record<string, string>> {
  const result = await runHive(["build", "--progress=plain", ...args], {
    cwd,
    env: steadyEnvironment,
  });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  const lines = result.stderr.matchAll(/^\[(\S+) \S+\] (built|cached|unchanged) /gm);
  return Object.fromEntries([...lines].map(([, reference = "", word = ""]) => [reference, word]));
}
