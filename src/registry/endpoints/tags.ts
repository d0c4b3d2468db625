import { listPage } from "../list-page.ts";
import type { RegistryContext } from "../registry-context.ts";
import { RegistryError } from "../registry-error.ts";
import { sendJson } from "./send-json.ts";

/**
 * `GET /v2/<name>/tags/list`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags}
 */
export function handleTags(
  { store, limits }: RegistryContext,
  request: Request,
  repository: string,
): Response {
  const tags = store.metadata.tags(repository);
  if (tags === undefined) throw new RegistryError(404, "NAME_UNKNOWN", "unknown repository");
  const path = `/v2/${repository}/tags/list`;
  const { items, headers } = listPage(tags, request, path, limits.pageSize);
  return sendJson(request, JSON.stringify({ name: repository, tags: items }), headers);
}
