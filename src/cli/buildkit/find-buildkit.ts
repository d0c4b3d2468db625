import { HiveError } from "../../base/hive-error.ts";
import { type Buildkit, connectBuildkit, isItThere } from "../../buildkit/connect-buildkit.ts";
import { type Endpoint, formatEndpoint } from "../../buildkit/endpoints/endpoint.ts";
import {
  type EndpointSource,
  type EndpointSources,
  findEndpoint,
  type FoundEndpoint,
  toldAddress,
} from "../../buildkit/endpoints/find-endpoint.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import type { ProjectFlags } from "../project/open-project.ts";
import { projectHere } from "../project/project-here.ts";
import { findManaged } from "./managed-buildkit.ts";

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

/** A local daemon answers in milliseconds: who waits longer should know for what. */
const patience = 1_000;

/**
 * Who may name each daemon that builds use, at least one, for commands that need no project: hive.yml counts where there
 * is one and nobody else says.
 * @throws HiveError "usage" for a project that can't be read
 */
export async function buildkitSources(
  app: App,
  flags: BuildkitFlags,
): Promise<readonly [EndpointSources, ...EndpointSources[]]> {
  const told = { flag: flags.buildkit, env: app.env };
  if (toldAddress(told) !== undefined) return [told];
  const project = await projectHere(app, flags);
  const [, ...others] = new Set(project?.buildkit.nodes.map(({ address }) => address));
  return [
    { ...told, configured: configuredAddress(project) },
    ...others.map((configured) => ({ ...told, configured })),
  ];
}

/** The daemon that a project names; the first, where it names several. */
export function configuredAddress(project: Project | undefined): string | undefined {
  return project?.buildkit.nodes[0]?.address ?? project?.buildkit.address;
}

/** As {@link findEndpoint}; the daemon that hive runs is among those that are tried. */
export async function findBuildkit(
  sources: EndpointSources,
  signal: AbortSignal,
): Promise<FoundEndpoint> {
  return await findEndpoint(sources, { signal, findOwn: findManaged });
}

/**
 * Finds the daemon, the first where a project names several, and connects to it, for commands that build nothing.
 * @throws HiveError "usage" for an address or a project that can't be read, "unreachable" with what was tried
 */
export async function connectFoundBuildkit(app: App, flags: BuildkitFlags): Promise<Buildkit> {
  const [sources] = await buildkitSources(app, flags);
  return await connectFound(app, await findBuildkit(sources, app.signal));
}

/**
 * Connects to what was found.
 * @param otherwise what to do where nobody knows what is wrong
 * @throws as connectBuildkit(), and says who named it
 */
export async function connectFound(
  app: App,
  { endpoint, source }: FoundEndpoint,
  otherwise?: string,
): Promise<Buildkit> {
  try {
    return await connectPatiently(app, endpoint);
  } catch (error) {
    if (!(error instanceof HiveError) || error.kind !== "unreachable") throw error;
    throw new HiveError("unreachable", `${error.message}${namedBy[source]}`, {
      cause: error,
      hint:
        error.hint === isItThere && otherwise !== undefined
          ? `${isItThere}\n${otherwise}`
          : error.hint,
    });
  }
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

/** Who named an address, where it is not plain to see. */
const namedBy: Readonly<Record<EndpointSource, string>> = {
  flag: "",
  environment: " (BUILDKIT_HOST names it)",
  project: " (hive.yml names it)",
  probing: "",
};
