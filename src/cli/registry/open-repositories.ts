import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { App } from "../app.ts";
import type { ProjectFlags } from "../project/open-project.ts";
import { findPlace } from "./find-place.ts";
import { openRemote, type RegistryFlags } from "./open-remote.ts";

type OpenedRepositories = {
  readonly registry: RemoteRegistry;
  /** In the registry's order, page after page. */
  readonly repositories: AsyncIterable<{
    /** Within the whole registry: `team/app`. */
    readonly repository: string;
    /** As commands with the same `--registry` call it: without the path of that. */
    readonly name: string;
  }>;
};

/** The repositories of the registry that the flags name, those below its path where it has one. */
export async function openRepositories(
  app: App,
  flags: RegistryFlags & ProjectFlags,
): Promise<OpenedRepositories> {
  const place = await findPlace(app, flags);
  const registry = await openRemote(app, flags, place?.address);
  const within = place === undefined || place.prefix === "" ? "" : `${place.prefix}/`;
  return { registry, repositories: list(registry, within) };
}

async function* list(
  registry: RemoteRegistry,
  within: string,
): AsyncGenerator<{ repository: string; name: string }> {
  for await (const repository of registry.catalog()) {
    if (repository.startsWith(within)) yield { repository, name: repository.slice(within.length) };
  }
}
