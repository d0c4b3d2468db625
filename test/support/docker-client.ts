/**
 * Runs Docker's own client on an engine, or on a Podman, and gives what it printed.
 * @throws Error with what it complained about
 */
export async function dockerClient(
  host: string,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
): Promise<string> {
  const child = Bun.spawn(["docker", "--host", host, ...args], {
    stdin: input,
    stdout: "pipe",
    stderr: "pipe",
    // Whatever the one who runs the tests has told the client.
    env: { PATH: process.env["PATH"], DOCKER_CONFIG: "/nonexistent" },
  });
  const [stdout, stderr] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (child.exitCode !== 0) throw new Error(`docker ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}
