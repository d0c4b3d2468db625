import { listPage } from "../list-page.ts";
import type { RegistryContext } from "../registry-context.ts";
import { RegistryError } from "../registry-error.ts";
import { sendJson } from "./send-json.ts";

/**
 * `GET /v2/<name>/tags/list`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags}
 */
export async function handleTags(
  { store, limits, mirrors }: RegistryContext,
  request: Request,
  repository: string,
): Promise<Response> {
  const stored = store.metadata.tags(repository);
  const elsewhere = await mirrors?.find(repository)?.tags();
  // Where there is none is told by there being no tag: a repository there has some.
  const tags = elsewhere === undefined || elsewhere.length === 0 ? stored : elsewhere;
  if (tags === undefined) throw new RegistryError(404, "NAME_UNKNOWN", "unknown repository");
  const path = `/v2/${repository}/tags/list`;
  const { items, headers } = listPage(tags, request, path, limits.pageSize);
  return sendJson(request, JSON.stringify({ name: repository, tags: items }), headers);
}
