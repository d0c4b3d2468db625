import { join } from "node:path";

/**
 * Builds the Go program in `test/support/<name>` without cgo, so that it runs anywhere, into `directory`.
 * @returns its path
 */
export async function buildGo(name: string, directory: string): Promise<string> {
  if (Bun.which("go") === null) {
    throw new Error(`Cannot build ${name}: "go" is not in PATH. Install Go 1.26 or later.`);
  }
  const path = join(directory, name);
  const build = Bun.spawn(["go", "build", "-o", path, "."], {
    cwd: join(import.meta.dir, name),
    env: { ...process.env, CGO_ENABLED: "0" },
    stderr: "pipe",
  });
  const [stderr, code] = await Promise.all([build.stderr.text(), build.exited]);
  if (code !== 0) throw new Error(`Cannot build ${name}:\n${stderr}`);
  return path;
}
