import type { Environment } from "../base/environment.ts";
import type { Endpoint } from "../buildkit/endpoints/endpoint.ts";
import { daemonPaths } from "./daemon-paths.ts";
import { daemonEndpoint, isDaemonAlive, readDaemonState } from "./daemon-state.ts";

/**
 * Where the BuildKit is that `hive dev buildkitd start` runs for this user; undefined when none does, or nobody can tell.
 * Whether it answers is not asked.
 */
export async function managedEndpoint(env: Environment): Promise<Endpoint | undefined> {
  try {
    const paths = daemonPaths(env);
    const state = await readDaemonState(paths);
    // One that runs for a build ends with it.
    if (state === undefined || state.temporary) return undefined;
    return (await isDaemonAlive(paths, state, env)) ? daemonEndpoint(state) : undefined;
  } catch {
    return undefined;
  }
}
