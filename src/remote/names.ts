import { namesIn, pages } from "./pages.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "./remote-client.ts";

/** As many as the common registries give at a time. */
const pageLength = 1000;

/** Names of all repositories, in the registry's order. Not every registry tells. */
export async function* catalog(client: RemoteClient): AsyncGenerator<string> {
  const list = {
    path: `/v2/_catalog?n=${pageLength}`,
    scope: "registry:catalog:*",
    action: "list the repositories",
  };
  for await (const page of pages(client, list)) yield* namesIn(page, "repositories");
}

/** @param ifMissing Registries may list repositories that have nothing left in them. */
export async function* tags(
  client: RemoteClient,
  repository: string,
  ifMissing: "fail" | "empty",
): AsyncGenerator<string> {
  const list = {
    path: repositoryPath(repository, `tags/list?n=${pageLength}`),
    scope: repositoryScope(repository, "pull"),
    action: `list the tags of ${repository}`,
    expected: ifMissing === "empty" ? [200, 404] : [200],
  };
  for await (const page of pages(client, list)) {
    if (page.status === 200) yield* namesIn(page, "tags");
  }
}
