/** Runs a command to its end; its output, or an Error with all it printed when it fails or is not installed. */
export async function run(
  command: readonly string[],
  cwd = ".",
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const path = Bun.which(command[0] ?? "");
  if (path === null) throw new Error(`Cannot run this test: ${command[0]} is not installed`);
  await using child = Bun.spawn([path, ...command.slice(1)], {
    cwd,
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const [output, errors, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} failed with ${code}:\n${output}${errors}`);
  return output;
}
