import { listPage } from "../list-page.ts";
import type { RegistryContext } from "../registry-context.ts";
import { sendJson } from "./send-json.ts";

/** `GET /v2/_catalog`: not of the specification, but asked for by most clients that list. */
export function handleCatalog(context: RegistryContext, request: Request): Response {
  const { store, limits, access } = context;
  const { items, headers } = listPage(
    store.metadata.repositories(),
    request,
    "/v2/_catalog",
    limits.pageSize,
    (name) => access.may("read", name),
  );
  return sendJson(request, JSON.stringify({ repositories: items }), headers);
}
