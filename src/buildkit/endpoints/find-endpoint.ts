import type { Environment } from "../../base/environment.ts";
import { HiveError } from "../../base/hive-error.ts";
import { candidateEndpoints } from "./candidate-endpoints.ts";
import { type Endpoint, formatEndpoint, managedAddress, parseEndpoint } from "./endpoint.ts";
import { type ProbedEndpoint, probeEndpoints } from "./probe-endpoints.ts";

/** Who may say where the daemon is, the first one first. */
export type EndpointSources = {
  /** What the command line says. */
  readonly flag?: string | undefined;
  readonly env: Environment;
  /** What the project's file says. */
  readonly configured?: string | undefined;
};

type FindOptions = {
  readonly signal?: AbortSignal | undefined;
  /** What to try when nobody says where the daemon is: {@link candidateEndpoints}. */
  readonly candidates?: readonly Endpoint[];
  /** Daemons that we started ourselves: they are candidates, too. Asked only when nobody says where the daemon is. */
  readonly findOwn?: (env: Environment) => Promise<readonly Endpoint[]>;
};

/** Who named an endpoint; `probing`: nobody, somebody answered there. */
export type EndpointSource = "flag" | "environment" | "project" | "probing";

/** Where the daemon is, and who said so. */
export type FoundEndpoint = { readonly endpoint: Endpoint; readonly source: EndpointSource };

/** An address that somebody named. */
export type ToldAddress = {
  readonly text: string;
  readonly source: Exclude<EndpointSource, "probing">;
};

/** What to tell somebody who has no daemon. */
const howToGetBuildkit = `Have hive run one
  hive dev buildkitd start                    (until it is stopped)
  hive build --buildkit=managed               (for the time of the build)
or start a BuildKit daemon, as one of
  sudo buildkitd --group $(id -g)             (needs root and runc)
  rootlesskit buildkitd                       (without root)
  docker run -d --privileged --network host moby/buildkit --addr tcp://127.0.0.1:1234
and say where it is if it isn't found by itself, as with the last: BUILDKIT_HOST=tcp://127.0.0.1:1234`;

/**
 * The daemon to use: the flag's, else BUILDKIT_HOST's, else the configured one, else what answers of those that may be
 * here. Only the last are tried out.
 * @throws HiveError "usage" for an address that can't be read, "unreachable" with all that was tried when nobody answers.
 */
export async function findEndpoint(
  sources: EndpointSources,
  { signal, candidates, findOwn = async () => [] }: FindOptions = {},
): Promise<FoundEndpoint> {
  const { env } = sources;
  const told = toldAddress(sources);
  if (told !== undefined && told.text !== managedAddress) {
    return { endpoint: parseEndpoint(told.text), source: told.source };
  }
  const own = await findOwn(env);
  if (told !== undefined) {
    const [endpoint] = own;
    if (endpoint !== undefined) return { endpoint, source: told.source };
    throw new HiveError("unreachable", "Cannot find a BuildKit daemon: hive runs none now", {
      hint: "Start one with `hive dev buildkitd start`. Builds on --buildkit=managed do so by themselves.",
    });
  }
  const tried = candidates ?? candidateEndpoints(env, own);
  const { best, failures } = await probeEndpoints(tried, { env, signal });
  if (best === undefined) throw notFound(failures);
  return { endpoint: best, source: "probing" };
}

/** What the first says who names an address at all, as it stands; an empty one names nothing. */
export function toldAddress({ flag, env, configured }: EndpointSources): ToldAddress | undefined {
  const told = [
    { text: flag, source: "flag" },
    { text: env["BUILDKIT_HOST"], source: "environment" },
    { text: configured, source: "project" },
  ] as const;
  for (const { text, source } of told) {
    if (text !== undefined && text !== "") return { text, source };
  }
  return undefined;
}

function notFound(failures: readonly ProbedEndpoint[]): HiveError {
  const tried = failures.map(
    ({ endpoint, reason }) => `  ${formatEndpoint(endpoint)}: ${reason ?? "no answer"}`,
  );
  const hints = new Set(failures.flatMap(({ hint }) => hint ?? []));
  return new HiveError(
    "unreachable",
    `Cannot find a BuildKit daemon. Tried:\n${tried.join("\n")}`,
    {
      hint: [...hints, howToGetBuildkit].join("\n"),
    },
  );
}
