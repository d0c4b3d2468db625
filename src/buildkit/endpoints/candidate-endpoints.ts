import type { Environment } from "../../base/environment.ts";
import { type Endpoint, usualSocket } from "./endpoint.ts";

/**
 * What to try when nobody says where the daemon is, in the order of preference.
 * @param own daemons that we started ourselves
 */
export function candidateEndpoints(env: Environment, own: readonly Endpoint[]): Endpoint[] {
  // Last the BuildKit inside the engine that `docker` itself would use.
  return [...usualSockets(env), ...own, { kind: "docker" }];
}

/** Where daemons listen by default: the system's, then the user's own. */
export function usualSockets(env: Environment, uid = process.getuid?.()): Endpoint[] {
  const runtime = env["XDG_RUNTIME_DIR"];
  const paths = new Set([usualSocket]);
  // The specification has relative paths ignored.
  if (runtime?.startsWith("/") === true) paths.add(`${runtime}/buildkit/buildkitd.sock`);
  if (uid !== undefined) paths.add(`/run/user/${uid}/buildkit/buildkitd.sock`);
  return [...paths].map((path) => ({ kind: "unix", path }));
}
