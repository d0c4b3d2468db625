import { requireEnv } from "../../support/require-env.ts";

export type ScriptResult = { readonly code: number; readonly output: string };

/** Runs a script of a job as its system would, in `cwd`, with this environment and no more than a machine has. */
export async function runScript(
  shell: readonly string[],
  script: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<ScriptResult> {
  await using child = Bun.spawn([...shell, script], {
    cwd,
    env: {
      HOME: cwd,
      CI: "true",
      HIVE_BINARY: requireEnv("HIVE_BINARY"),
      ...env,
      PATH: `${env["PATH"] ?? ""}:${process.env["PATH"]}`,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { code, output: stdout + stderr };
}
