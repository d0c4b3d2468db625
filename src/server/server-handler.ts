import { type Authenticate, fullAccess } from "../registry/access.ts";
import type { HttpServer, Registry } from "../registry/create-registry.ts";
import { errorResponse, RegistryError } from "../registry/registry-error.ts";
import { notesOf } from "../registry/request-notes.ts";
import { rawPath } from "../registry/route.ts";
import type { Health } from "./health.ts";
import { type MetricsSources, serveMetrics } from "./metrics/serve-metrics.ts";

type ServerHandlerOptions = {
  readonly registry: Pick<Registry, "fetch">;
  /** Answers everything that a browser asks for. */
  readonly pages: (request: Request, server?: HttpServer) => Promise<Response>;
  readonly health: Health;
  readonly metrics: MetricsSources;
  /** Who may see the metrics. Default: everybody. */
  readonly authenticate?: Authenticate;
  /** Takes our own faults. */
  readonly onError?: (error: Error) => void;
};

/** All that the server answers: the registry below `/v2/`, `/healthz`, `/metrics`, and pages. */
export function createServerHandler(
  options: ServerHandlerOptions,
): (request: Request, server?: HttpServer) => Promise<Response> {
  const { registry, pages, health, metrics, authenticate, onError } = options;
  return async (request, server) => {
    const path = rawPath(request.url);
    if (path.startsWith("/v2")) return await registry.fetch(request, server);
    try {
      if (path === "/healthz") return await health.serve(request);
      if (path === "/metrics") {
        const access =
          (await authenticate?.(request, server?.requestIP(request)?.address)) ?? fullAccess;
        const notes = notesOf(request);
        if (notes !== undefined) notes.user = access.user;
        return await serveMetrics(metrics, request, access);
      }
      if (isPage(path, request)) return await pages(request, server);
    } catch (error) {
      return errorResponse(asRegistryError(error, onError), request.method);
    }
    // Only to say that there is nothing, and to nobody who may not know.
    return await registry.fetch(request, server);
  };
}

/** Wrong addresses too, when a browser asks: it should show more than JSON. */
function isPage(path: string, request: Request): boolean {
  if (path === "/" || path.startsWith("/-/")) return true;
  return request.headers.get("accept")?.includes("text/html") ?? false;
}

function asRegistryError(error: unknown, onError?: (error: Error) => void): RegistryError {
  if (error instanceof RegistryError) return error;
  onError?.(error instanceof Error ? error : new Error(String(error)));
  return new RegistryError(500, "UNKNOWN", "internal error");
}
