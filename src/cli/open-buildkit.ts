import { HiveError } from "../base/hive-error.ts";
import { type Buildkit, connectBuildkit } from "../buildkit/connect-buildkit.ts";
import { formatEndpoint } from "../buildkit/endpoint.ts";
import { findEndpoint, howToGetBuildkit, usualSockets } from "../buildkit/find-endpoint.ts";
import type { Project } from "../project/project.ts";
import type { App } from "./app.ts";
import { asksForManaged, findManaged, openManagedBuildkit } from "./managed-buildkit.ts";

/** A local daemon answers in milliseconds: who waits longer should know for what. */
const patience = 1_000;

/**
 * Finds and connects to the BuildKit to build on.
 * @param flag the address that the command line names
 * @throws HiveError "usage" for an address that can't be read, "unreachable" with what was tried
 */
export async function openBuildkit(
  app: App,
  flag: string | undefined,
  project: Project,
): Promise<Buildkit> {
  const { env, signal, log } = app;
  const configured = project.buildkit.address;
  if (asksForManaged({ flag, env, configured })) return await openManagedBuildkit(app, project);
  const sockets = [...(await findManaged(env)), ...usualSockets(env)];
  const endpoint = await findEndpoint({ flag, env, configured }, { signal, sockets });
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
      hint: `${error.hint ?? ""}\n${howToGetBuildkit}`,
    });
  } finally {
    clearTimeout(notice);
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
