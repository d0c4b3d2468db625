import { type Access, requireAccess } from "../../registry/access/access.ts";
import { methodNotAllowed } from "../../registry/endpoints/method-not-allowed.ts";
import { expositionType, type MetricFamily, renderExposition } from "./exposition.ts";
import { serverFamilies, type ServerNumbers } from "./server-numbers.ts";

export type MetricsSources = {
  /** Parts that know their own series. */
  readonly parts: readonly { families(): readonly MetricFamily[] }[];
  /** Asked at every scrape. */
  readonly collect: () => ServerNumbers | Promise<ServerNumbers>;
};

/**
 * `GET /metrics`. They tell how much is stored, so where there are users they are for users.
 * @throws RegistryError
 */
export async function serveMetrics(
  sources: MetricsSources,
  request: Request,
  access: Access,
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") throw methodNotAllowed("GET, HEAD");
  requireAccess(access, "GET", { kind: "base" });
  const own = serverFamilies(await sources.collect());
  const text = renderExposition([...own, ...sources.parts.flatMap((part) => part.families())]);
  return new Response(request.method === "HEAD" ? null : text, {
    headers: {
      "Content-Type": expositionType,
      "Content-Length": `${Buffer.byteLength(text)}`,
      "Cache-Control": "no-store",
    },
  });
}
