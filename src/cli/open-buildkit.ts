import { HiveError } from "../base/hive-error.ts";
import { type Buildkit, connectBuildkit } from "../buildkit/connect-buildkit.ts";
import { type Endpoint, formatEndpoint } from "../buildkit/endpoint.ts";
import { findEndpoint, howToGetBuildkit } from "../buildkit/find-endpoint.ts";
import type { Project } from "../project/project.ts";
import type { App } from "./app.ts";

/** A local daemon answers in milliseconds: who waits longer should know for what. */
const patience = 1_000;

/**
 * Finds and connects to the BuildKit to build on.
 * @param flag the address that the command line names
 * @throws HiveError "usage" for an address that can't be read, "unreachable" with what was tried
 */
export async function openBuildkit(
  { env, signal, log }: App,
  flag: string | undefined,
  project: Project,
): Promise<Buildkit> {
  const configured = project.buildkit.address;
  const endpoint = await findEndpoint({ flag, env, configured }, { signal });
  const notice = setTimeout(
    () => log.info(`Waiting for BuildKit at ${formatEndpoint(endpoint)}`),
    patience,
  );
  try {
    return await connectBuildkit(endpoint, { signal, env });
  } catch (error) {
    if (!(error instanceof HiveError) || error.kind !== "unreachable") throw error;
    throw new HiveError("unreachable", `${error.message}${sourceOf(flag, env, configured)}`, {
      cause: error,
      // Who names an engine or a container has a daemon, and the hint tells what is wrong with it.
      hint: isSocket(endpoint) ? `${error.hint ?? ""}\n${howToGetBuildkit}` : error.hint,
    });
  } finally {
    clearTimeout(notice);
  }
}

function isSocket({ kind }: Endpoint): boolean {
  return kind === "unix" || kind === "tcp";
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
