import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { dialReason } from "./dial-reason.ts";
import { createDialer } from "./dialer.ts";
import { type Endpoint, formatEndpoint, parseEndpoint, usualSocket } from "./endpoint.ts";

type EndpointSources = {
  /** What the command line says. */
  readonly flag?: string | undefined;
  readonly env: Environment;
  /** What the project's file says. */
  readonly configured?: string | undefined;
};

type ProbeOptions = {
  readonly signal?: AbortSignal | undefined;
  /** What to try when nobody says where the daemon is: {@link usualSockets}. */
  readonly sockets?: readonly Endpoint[];
};

/** Whoever listens on a local socket answers at once, or hangs. */
const probeTime = 2000;

/** What to tell somebody who has no daemon. */
export const howToGetBuildkit = `Have hive run one
  hive dev buildkitd start                    (until it is stopped)
  hive build --buildkit=managed               (for the time of the build)
or start a BuildKit daemon, as one of
  sudo buildkitd                              (needs root and runc)
  rootlesskit buildkitd                       (without root)
  docker run -d --privileged --network host moby/buildkit --addr tcp://127.0.0.1:1234
and say where it is if it isn't found by itself: BUILDKIT_HOST=unix:///path or tcp://host:port.`;

/**
 * The daemon to use: the flag's, else BUILDKIT_HOST's, else the configured one, else the first
 * of the usual sockets where somebody listens. Only the last are tried out here.
 * @throws HiveError "usage" for an address that can't be read, "unreachable" when no usual socket answers.
 */
export async function findEndpoint(
  { flag, env, configured }: EndpointSources,
  { signal, sockets = usualSockets(env) }: ProbeOptions = {},
): Promise<Endpoint> {
  const told = [flag, env["BUILDKIT_HOST"], configured].find(
    (text) => text !== undefined && text !== "",
  );
  if (told !== undefined) return parseEndpoint(told);

  const failures: {
    readonly address: string;
    readonly reason: string;
    readonly hint?: string | undefined;
  }[] = [];
  for (const endpoint of sockets) {
    try {
      await using dialer = await createDialer(endpoint, { env, signal });
      const stream = await dialer.dial({ signal, timeout: probeTime });
      stream.close();
      return endpoint;
    } catch (error) {
      signal?.throwIfAborted();
      failures.push({ address: formatEndpoint(endpoint), ...dialReason(error, endpoint) });
    }
  }
  const tried = failures.map(({ address, reason }) => `  ${address}: ${reason}`).join("\n");
  const hints = new Set(failures.flatMap(({ hint }) => hint ?? []));
  throw new HiveError("unreachable", `Cannot find a BuildKit daemon. Tried:\n${tried}`, {
    hint: [...hints, howToGetBuildkit].join("\n"),
  });
}

/** Where daemons listen by default: the system's, then the user's own. */
export function usualSockets(env: Environment, uid = process.getuid?.()): Endpoint[] {
  const runtime = env["XDG_RUNTIME_DIR"];
  const paths = new Set([usualSocket]);
  if (runtime !== undefined && runtime !== "") paths.add(`${runtime}/buildkit/buildkitd.sock`);
  if (uid !== undefined) paths.add(`/run/user/${uid}/buildkit/buildkitd.sock`);
  return [...paths].map((path) => ({ kind: "unix", path }));
}
