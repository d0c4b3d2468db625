import { HiveError } from "../base/hive-error.ts";
import { type Buildkit, connectBuildkit } from "../buildkit/connect-buildkit.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../buildkit/endpoint.ts";
import { findEndpoint, howToGetBuildkit } from "../buildkit/find-endpoint.ts";
import type { Project } from "../project/project.ts";
import type { App } from "./app.ts";
import { asksForManaged, findManaged, openManagedBuildkit } from "./managed-buildkit.ts";

/** A local daemon answers in milliseconds: who waits longer should know for what. */
const patience = 1_000;

/**
 * Finds and connects to one BuildKit: that of the flag, else of BUILDKIT_HOST, else of hive.yml, the first of its nodes, else
 * whichever answers.
 * @param flag the address that the command line names
 * @throws HiveError "usage" for an address that can't be read, "unreachable" with what was tried
 */
export async function openBuildkit(
  app: App,
  flag: string | undefined,
  project: Project,
): Promise<Buildkit> {
  const { env, signal } = app;
  const { address, nodes } = project.buildkit;
  const configured = nodes[0]?.address ?? address;
  if (asksForManaged({ flag, env, configured })) return await openManagedBuildkit(app, project);
  const isTold = isNamedByUser(flag, env);
  const endpoint = await findEndpoint({ flag, env, configured }, { signal, findOwn: findManaged });
  if (!isTold && configured !== undefined) tellOfProject(app, [endpoint]);
  try {
    return await connectPatiently(app, endpoint);
  } catch (error) {
    if (!(error instanceof HiveError) || error.kind !== "unreachable") throw error;
    throw new HiveError("unreachable", `${error.message}${sourceOf(flag, env, configured)}`, {
      cause: error,
      // Who names an engine or a container has a daemon, and the hint tells what is wrong with it.
      hint: isSocket(endpoint) ? `${error.hint ?? ""}\n${howToGetBuildkit}` : error.hint,
    });
  }
}

/** Whether the one who runs hive says where to build, so that it is not the project's matter. */
export function isNamedByUser(flag: string | undefined, env: App["env"]): boolean {
  return (flag ?? "") !== "" || (env["BUILDKIT_HOST"] ?? "") !== "";
}

/** Says that a project chose where it is built: it may have come from anywhere, and what is built goes there. */
export function tellOfProject({ log }: App, endpoints: readonly Endpoint[]): void {
  const addresses = endpoints.map(formatEndpoint).join(", ");
  log.info(
    `hive.yml says to build on ${addresses}: files and secrets of the build go there, and registry credentials that it asks for`,
  );
}

/** Connects, and says so when it takes long. @throws as connectBuildkit() does */
export async function connectPatiently(
  { env, signal, log }: App,
  endpoint: Endpoint,
): Promise<Buildkit> {
  const notice = setTimeout(
    () => log.info(`Waiting for BuildKit at ${formatEndpoint(endpoint)}`),
    patience,
  );
  try {
    return await connectBuildkit(endpoint, { signal, env });
  } finally {
    clearTimeout(notice);
  }
}

function isSocket({ kind }: Endpoint): boolean {
  return kind === "unix" || kind === "tcp";
}

/** @throws HiveError "usage" that says where in hive.yml the address stands */
export function parseNodeAddress({
  address,
  place,
}: Project["buildkit"]["nodes"][number]): Endpoint {
  try {
    return parseEndpoint(address);
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    const message = `${error.message} (${place.file}:${place.line})`;
    throw new HiveError(error.kind, message, { hint: error.hint, cause: error });
  }
}

/** Who named the address, where it is not plain to see. */
function sourceOf(
  flag: string | undefined,
  env: App["env"],
  configured: string | undefined,
): string {
  if (flag !== undefined) return "";
  if ((env["BUILDKIT_HOST"] ?? "") !== "") return " (BUILDKIT_HOST names it)";
  return configured === undefined ? "" : " (hive.yml names it)";
}
