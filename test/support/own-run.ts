import type { HiveOptions } from "./run-hive.ts";
import { requireEnv } from "./require-env.ts";

/**
 * Runs hive in a mount namespace of its own: nothing of this machine's is in /run.
 * @param system the socket that is the system's BuildKit there; none when absent: nothing else is in that directory
 */
export function withOwnRun(system = "/run/nobody"): Pick<HiveOptions, "program"> {
  const script = `mount -t tmpfs none /run && mkdir /run/buildkit && ln -s "$0" /run/buildkit/buildkitd.sock && exec "$@"`;
  return { program: ["unshare", "--mount", "sh", "-c", script, system, requireEnv("HIVE_BINARY")] };
}
