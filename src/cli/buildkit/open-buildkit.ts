import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import {
  type Endpoint,
  formatEndpoint,
  managedAddress,
} from "../../buildkit/endpoints/endpoint.ts";
import { toldAddress } from "../../buildkit/endpoints/find-endpoint.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { configuredAddress, connectFound, findBuildkit } from "./find-buildkit.ts";
import { openManagedBuildkit } from "./managed-buildkit.ts";

/**
 * Finds and connects to the one BuildKit to build on: that of the flag, else of BUILDKIT_HOST, else of hive.yml, the first of
 * its nodes, else whichever answers. Where the first says `managed`, hive sees to it that there is one.
 * @param flag the address that the command line names
 * @throws HiveError "usage" for an address that can't be read, "unreachable" with what was tried
 */
export async function openBuildkit(
  app: App,
  flag: string | undefined,
  project: Project,
): Promise<Buildkit> {
  const sources = { flag, env: app.env, configured: configuredAddress(project) };
  if (toldAddress(sources)?.text === managedAddress) return await openManagedBuildkit(app, project);
  const found = await findBuildkit(sources, app.signal);
  if (found.source === "project") tellOfProject(app, [found.endpoint]);
  return await connectFound(app, found, orManaged);
}

/** What goes whatever was named; a daemon that is started now would not count beside it. */
export const orManaged =
  "Or have hive run one for the time of the build: hive build --buildkit=managed";

/** Says that a project chose where it is built: it may have come from anywhere, and what is built goes there. */
export function tellOfProject({ log }: App, endpoints: readonly Endpoint[]): void {
  const addresses = endpoints.map(formatEndpoint).join(", ");
  log.info(
    `hive.yml says to build on ${addresses}: files and secrets of the build go there, and registry credentials that it asks for`,
  );
}
