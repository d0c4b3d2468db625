import { HiveError } from "../base/hive-error.ts";
import { type Buildkit, connectBuildkit } from "../buildkit/connect-buildkit.ts";
import {
  type EndpointSource,
  type EndpointSources,
  locateEndpoint,
} from "../buildkit/find-endpoint.ts";
import { findProject } from "../project/find-project.ts";
import { loadProject } from "../project/load-project.ts";
import type { Project } from "../project/project.ts";
import type { App } from "./app.ts";
import { findManaged } from "./managed-buildkit.ts";
import { isNamedByUser } from "./open-buildkit.ts";
import { loadOptions, type ProjectFlags } from "./open-project.ts";

/** The flag of commands that talk to a daemon and build nothing. */
export const buildkitFlag = {
  buildkit: {
    type: "string",
    valueHint: "address",
    description:
      "The BuildKit to talk to, as tcp://host:1234 or managed (default: BUILDKIT_HOST, hive.yml, what is found here)",
  },
} as const;

type BuildkitFlags = ProjectFlags & { readonly buildkit?: string | undefined };

/**
 * Who may name the daemon, for commands that need no project: hive.yml counts where there is one and nobody else says.
 * @throws HiveError "usage" for a project that can't be read
 */
export async function buildkitSources(app: App, flags: BuildkitFlags): Promise<EndpointSources> {
  const { env } = app;
  const project = isNamedByUser(flags.buildkit, env) ? undefined : await projectHere(app, flags);
  return { flag: flags.buildkit, env, configured: configuredAddress(project) };
}

/**
 * As {@link buildkitSources}, with each node of hive.yml for itself.
 * @throws HiveError "usage" for a project that can't be read
 */
export async function allBuildkitSources(
  app: App,
  flags: BuildkitFlags,
): Promise<EndpointSources[]> {
  const { env } = app;
  const project = isNamedByUser(flags.buildkit, env) ? undefined : await projectHere(app, flags);
  const nodes = project?.buildkit.nodes ?? [];
  if (nodes.length > 0) return nodes.map(({ address }) => ({ env, configured: address }));
  return [{ flag: flags.buildkit, env, configured: project?.buildkit.address }];
}

/**
 * Finds the daemon and connects to it.
 * @throws HiveError "usage" for an address or a project that can't be read, "unreachable" with what was tried
 */
export async function connectFoundBuildkit(app: App, flags: BuildkitFlags): Promise<Buildkit> {
  const { signal, env } = app;
  const sources = await buildkitSources(app, flags);
  const { endpoint, source } = await locateEndpoint(sources, { signal, findOwn: findManaged });
  try {
    return await connectBuildkit(endpoint, { signal, env });
  } catch (error) {
    if (!(error instanceof HiveError) || error.kind !== "unreachable") throw error;
    throw new HiveError("unreachable", `${error.message}${namedBy[source]}`, {
      cause: error,
      hint: error.hint,
    });
  }
}

/** The daemon that a project names; the first, where it names several. */
export function configuredAddress(project: Project | undefined): string | undefined {
  return project?.buildkit.nodes[0]?.address ?? project?.buildkit.address;
}

/** Who named an address, where it is not plain to see. */
const namedBy: Readonly<Record<EndpointSource, string>> = {
  flag: "",
  environment: " (BUILDKIT_HOST names it)",
  project: " (hive.yml names it)",
  probing: "",
};

async function projectHere(app: App, flags: ProjectFlags): Promise<Project | undefined> {
  const root = await findProject(app.cwd, flags.project).catch((error: unknown) => {
    if (flags.project !== undefined) throw error;
    return undefined;
  });
  return root === undefined
    ? undefined
    : (await loadProject(root, loadOptions(app, flags))).project;
}
