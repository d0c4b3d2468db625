import type { Endpoint } from "../buildkit/endpoints/endpoint.ts";
import { daemonPaths } from "./daemon-paths.ts";
import { daemonEndpoint, readDaemonState } from "./daemon-state.ts";
import { addDaemonUser, countDaemonUsers, removeDaemonUser } from "./daemon-users.ts";
import { lockDaemon } from "./lock-daemon.ts";
import { startDaemon, type StartOptions } from "./start-daemon.ts";
import { stopDaemon } from "./stop-daemon.ts";

/** A daemon for the time of a build. Disposing ends it, unless it was there before or others build on it. */
export type UsedDaemon = AsyncDisposable & {
  readonly endpoint: Endpoint;
  readonly version: string;
};

/** Milliseconds for another process that starts or stops one. */
const lockPatience = 30_000;
/** Milliseconds: the build is over, so that nothing is under way. Less than a process gets to clean up after Ctrl-C. */
const grace = 2_000;

/**
 * The daemon that runs, else a new one.
 * @throws HiveError as `startDaemon()`; the signal's reason
 */
export async function useDaemon(options: Omit<StartOptions, "temporary">): Promise<UsedDaemon> {
  const paths = daemonPaths(options.env);
  using _first = await lockDaemon(paths, { signal: options.signal, say: options.say });
  const { state } = await startDaemon(paths, { ...options, temporary: true });
  addDaemonUser(paths);
  return {
    endpoint: daemonEndpoint(state),
    version: state.version,
    async [Symbol.asyncDispose]() {
      using _last = await lockDaemon(paths, { limit: lockPatience });
      removeDaemonUser(paths);
      const now = await readDaemonState(paths);
      if (now?.temporary !== true || countDaemonUsers(paths) > 0) return;
      await stopDaemon(paths, { env: options.env, grace });
    },
  };
}
