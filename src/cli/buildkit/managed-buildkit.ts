import { errorMessage } from "../../base/error-message.ts";
import type { Environment } from "../../base/environment.ts";
import { type Buildkit, connectBuildkit } from "../../buildkit/connect-buildkit.ts";
import { type Endpoint, managedAddress } from "../../buildkit/endpoints/endpoint.ts";
import { toldAddress } from "../../buildkit/endpoints/find-endpoint.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";

/** Milliseconds until a daemon that was started has to answer. */
const usualStartLimit = 60_000;

/** Whether a build may start a daemon: the first who says where to build, one of the nodes of hive.yml included, wants that. */
export function mayStartManaged(
  { env }: App,
  flag: string | undefined,
  { buildkit: { address, nodes } }: Project,
): boolean {
  const addresses = nodes.length === 0 ? [address] : nodes.map((node) => node.address);
  return addresses.some(
    (configured) => toldAddress({ flag, env, configured })?.text === managedAddress,
  );
}

/** The BuildKit that `hive dev buildkitd start` runs, to be tried before all that nobody named. */
export async function findManaged(env: Environment): Promise<Endpoint[]> {
  const { managedEndpoint } = await import("../../daemon/managed-endpoint.ts");
  const endpoint = await managedEndpoint(env);
  return endpoint === undefined ? [] : [endpoint];
}

/**
 * The BuildKit that hive runs, else a new one, which ends when it is disposed and no other build needs it.
 * @throws HiveError "unreachable" with what was tried, "failed"; the signal's reason
 */
export async function openManagedBuildkit(
  { env, signal, log }: App,
  project: Project,
): Promise<Buildkit> {
  const { useDaemon } = await import("../../daemon/use-daemon.ts");
  const wanted = project.buildkit.version;
  const used = await useDaemon({
    env,
    with: "auto",
    version: wanted,
    mirror: env["HIVE_BUILDKIT_MIRROR"],
    limit: usualStartLimit,
    signal,
    say: (text) => log.info(text),
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    try {
      await used[Symbol.asyncDispose]();
    } catch (error) {
      // What the build came to is not changed by a daemon that can't be stopped.
      log.warn(errorMessage(error));
    }
  });
  if (wanted !== undefined && wanted !== used.version) {
    log.warn(`BuildKit is ${used.version}, and hive.yml asks for ${wanted}`);
  }
  const buildkit = stack.use(await connectBuildkit(used.endpoint, { env, signal }));
  const owned = stack.move();
  return { ...buildkit, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
