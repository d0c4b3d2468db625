import { readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { requireEnv } from "./require-env.ts";
import { runHive } from "./run-hive.ts";
import { tempDirectory } from "./temp-directory.ts";

export type ManagedHome = AsyncDisposable & {
  /** `hive/buildkit` below the user's cache: what `hive dev buildkitd` keeps. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/**
 * A user who has no BuildKit running, no container engine, and a buildkitd on PATH. What hive started for them is ended.
 */
export async function managedHome(
  more: Readonly<Record<string, string | undefined>> = {},
): Promise<ManagedHome> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDirectory());
  const env = {
    XDG_CACHE_HOME: path,
    XDG_RUNTIME_DIR: undefined,
    BUILDKIT_HOST: undefined,
    DOCKER_HOST: "unix:///nowhere/docker.sock",
    PATH: `${dirname(requireEnv("HIVE_TEST_BUILDKITD"))}:${process.env["PATH"] ?? ""}`,
    ...more,
  };
  stack.defer(async () => {
    await runHive(["dev", "buildkitd", "stop", "--timeout=2s"], { env });
  });
  const owned = stack.move();
  return {
    directory: `${path}/hive/buildkit`,
    env,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The processes whose command line has `text`, by pid. */
export async function processesWith(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // It may have ended meanwhile.
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (command.includes(text)) found.push(Number(name));
  }
  return found;
}
