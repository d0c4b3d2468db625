import { chmod, chown, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requireEnv } from "./require-env.ts";
import type { HiveResult } from "./run-hive.ts";
import { runHive } from "./run-hive.ts";
import { tempDirectory } from "./temp-directory.ts";

export type PlainUser = AsyncDisposable & {
  readonly uid: number;
  readonly home: string;
  /** Runs hive as this user. */
  hive(args: readonly string[], options?: { readonly cwd?: string }): Promise<HiveResult>;
};

/** Nobody has it. */
const uid = 54_321;

/**
 * A user that this machine does not know of, with a home, hive and a buildkitd. /etc is as it would be with them, but only
 * for what they run: nothing of it stays.
 * @param subordinate whether they have ids besides their own, which rootless daemons need
 */
export async function plainUser({ subordinate = true } = {}): Promise<PlainUser> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDirectory());
  const [home, bin, etc] = [join(path, "home"), join(path, "bin"), join(path, "etc")];
  for (const directory of [home, bin, etc]) await mkdir(directory);
  await chmod(path, 0o755);
  await chown(home, uid, uid);
  const runc = Bun.which("buildkit-runc") ?? Bun.which("runc");
  if (runc === null) throw new Error("There is no runc on PATH");
  for (const [name, file] of [
    ["hive", requireEnv("HIVE_BINARY")],
    ["buildkitd", requireEnv("HIVE_TEST_BUILDKITD")],
    ["buildkit-runc", runc],
  ] as const) {
    await copyFile(file, join(bin, name));
    await chmod(join(bin, name), 0o755);
  }
  const ids = subordinate ? "plain:700000:65536\n" : "";
  const files = {
    passwd: `root:x:0:0::/root:/bin/sh\nplain:x:${uid}:${uid}::${home}:/bin/sh\n`,
    group: `root:x:0:\nplain:x:${uid}:\n`,
    subuid: ids,
    subgid: ids,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(etc, name), text);
  const mounts = Object.keys(files).map((name) => `mount --bind ${etc}/${name} /etc/${name}`);
  const script = `${mounts.join(" && ")} && exec setpriv --reuid=${uid} --regid=${uid} --clear-groups ${bin}/hive "$@"`;
  const env = {
    HOME: home,
    USER: "plain",
    XDG_CACHE_HOME: undefined,
    XDG_RUNTIME_DIR: undefined,
    BUILDKIT_HOST: undefined,
    DOCKER_HOST: "unix:///nowhere/docker.sock",
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
  };
  const hive: PlainUser["hive"] = (args, { cwd = home } = {}) =>
    runHive(args, { cwd, env, program: ["unshare", "--mount", "sh", "-c", script, "hive"] });
  stack.defer(async () => {
    await hive(["dev", "buildkitd", "stop", "--timeout=2s"]);
  });
  const owned = stack.move();
  return { uid, home, hive, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Gives a directory and what is in it to a user. */
export async function giveTo({ uid: owner }: PlainUser, directory: string): Promise<void> {
  const { exitCode } = await Bun.$`chown -R ${owner}:${owner} ${directory}`.quiet();
  if (exitCode !== 0) throw new Error(`Cannot give ${directory} away`);
}
