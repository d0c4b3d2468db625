import { lstatSync, statSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../base/cache-directory.ts";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { storageError } from "../base/storage-error.ts";

/** Where hive keeps the BuildKit that it runs: all below one directory, which only its owner may enter. */
export type DaemonPaths = {
  readonly directory: string;
  /** What runs: see `DaemonState`. */
  readonly state: string;
  /** Held by whoever starts or stops it. */
  readonly lock: string;
  /** A file for each build that wants it to go on running. */
  readonly users: string;
  readonly config: string;
  readonly log: string;
  /** Holds the sockets. */
  readonly run: string;
  readonly socket: string;
  /** BuildKit's own state: the cache. */
  readonly root: string;
  /** What was downloaded, a directory for each version. */
  readonly releases: string;
};

/** What the kernel takes as a socket's path, with room for rootlesskit's own names. */
const longestSocket = 100;

/**
 * Below hive's {@link cacheDirectory}.
 * @throws HiveError "usage" where there is no home directory, or its path is too long for a socket
 */
export function daemonPaths(env: Environment): DaemonPaths {
  const parent = cacheDirectory(env);
  if (parent === undefined) {
    throw new HiveError("usage", "Cannot tell where to keep BuildKit's cache: HOME is not set", {
      hint: "Set HOME or XDG_CACHE_HOME.",
    });
  }
  const directory = join(parent, "buildkit");
  const run = join(directory, "run");
  const socket = join(run, "buildkitd.sock");
  if (Buffer.byteLength(socket) > longestSocket) {
    throw new HiveError("usage", `Cannot run BuildKit: "${socket}" is too long for a socket`, {
      hint: "Set XDG_CACHE_HOME to a directory with a shorter path.",
    });
  }
  return {
    directory,
    state: join(directory, "buildkitd.json"),
    lock: join(directory, "lock"),
    users: join(directory, "users"),
    config: join(directory, "buildkitd.toml"),
    log: join(directory, "buildkitd.log"),
    run,
    socket,
    root: join(directory, "root"),
    releases: join(directory, "releases"),
  };
}

/**
 * Makes the directories, for this user's eyes only.
 * @throws HiveError "failed", "usage" where another user's directory is in their place: what it holds is run
 */
export async function makeDaemonDirectories(paths: DaemonPaths): Promise<void> {
  const { directory, run, users, releases } = paths;
  refuseForeign(directory);
  for (const path of [run, users, releases]) refuseForeign(path);
  try {
    for (const path of [directory, run, users]) {
      await mkdir(path, { recursive: true, mode: 0o700 });
    }
    // It may have been made by somebody else's umask.
    await chmod(directory, 0o700);
    await chmod(run, 0o700);
  } catch (error) {
    throw storageError(error, directory);
  }
}

/** Whether it is this user's, or is not there. A link and what it leads to must both be. */
export function isOwn(path: string): boolean {
  const uid = process.getuid?.();
  try {
    const found = [lstatSync, statSync].map((look) => look(path, { throwIfNoEntry: false }));
    return uid === undefined || found.every((stat) => stat === undefined || stat.uid === uid);
  } catch {
    // What can't be looked at can't be used either: whoever tries says so.
    return true;
  }
}

function refuseForeign(path: string): void {
  if (isOwn(path)) return;
  throw new HiveError("usage", `Cannot keep BuildKit in "${path}": it is another user's`, {
    hint: "What is there would be run with your rights. Set XDG_CACHE_HOME to a directory of your own; with sudo, use its -H.",
  });
}
