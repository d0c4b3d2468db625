import type { Environment } from "../base/environment.ts";
import { type Endpoint, usualSocket } from "./endpoint.ts";

/** Endpoints where a daemon may be, whether or not one is; must not wait for a network. */
type CandidateFinder = (env: Environment) => Promise<readonly Endpoint[]>;

/** The better ones first. */
const finders: readonly CandidateFinder[] = [
  async (env) => usualSockets(env),
  // The BuildKit inside the engine that `docker` itself would use.
  async () => [{ kind: "docker" }],
];

/** What to try when nobody says where the daemon is, in the order of preference. */
export async function candidateEndpoints(env: Environment): Promise<Endpoint[]> {
  return (await Promise.all(finders.map((find) => find(env)))).flat();
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
