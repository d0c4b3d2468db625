import type { Authenticate } from "../registry/access/access.ts";
import { identify } from "../registry/access/identify.ts";
import type { HttpServer, Registry } from "../registry/create-registry.ts";
import { idleTimeout } from "../registry/listen.ts";
import { errorResponse, toRegistryError } from "../registry/registry-error.ts";
import { notesOf } from "../registry/request-notes.ts";
import { rawPath } from "../registry/route.ts";
import { isPagePath } from "./endpoint.ts";
import { type ControlSources, controlPath, handleControl } from "./control.ts";
import { followPush } from "./follow-push.ts";
import type { Health } from "./health.ts";
import { type MetricsSources, serveMetrics } from "./metrics/serve-metrics.ts";
import type { PushActivity } from "./push-activity.ts";

type ServerHandlerOptions = {
  readonly registry: Pick<Registry, "fetch">;
  /** Answers everything that a browser asks for. */
  readonly pages: (request: Request, server?: HttpServer) => Promise<Response>;
  readonly health: Health;
  readonly metrics: MetricsSources;
  readonly control: ControlSources;
  readonly activity: PushActivity;
  readonly isStopping: () => boolean;
  /** Default: everybody may do everything. */
  readonly authenticate?: Authenticate | undefined;
  /** Throws RegistryError to refuse a request before anything is done with it. */
  readonly guard?: ((request: Request) => void) | undefined;
  /** Takes our own faults. */
  readonly onError: (error: Error) => void;
};

/** All that the server answers: the registry below `/v2/`, `/healthz`, `/metrics`, its own commands, and pages. */
export function createServerHandler(
  options: ServerHandlerOptions,
): (request: Request, server?: HttpServer) => Promise<Response> {
  const { registry, pages, health, metrics, control, authenticate, guard, onError } = options;

  const answer = async (request: Request, server?: HttpServer): Promise<Response> => {
    const path = rawPath(request.url);
    if (path === "/healthz") return await health.serve(request);
    guard?.(request);
    if (path === "/metrics") {
      return await serveMetrics(metrics, request, await identify(request, server, authenticate));
    }
    if (path.startsWith(controlPath)) {
      const access = await identify(request, server, authenticate);
      // To collect garbage may take longer than a connection may be idle.
      if (access.admin) server?.timeout(request, 0);
      try {
        return await handleControl(control, request, path, access);
      } finally {
        server?.timeout(request, idleTimeout);
      }
    }
    if (isPage(path, request)) return await pages(request, server);
    // Also to say that there is nothing, and to nobody who may not know.
    const done = followPush(request, options.activity, options.isStopping());
    if (done === undefined) return await registry.fetch(request, server);
    let allowed = false;
    try {
      const response = await registry.fetch(request, server);
      allowed = response.ok;
      return response;
    } finally {
      done(allowed);
    }
  };

  return async (request, server) => {
    try {
      return await answer(request, server);
    } catch (error) {
      const told = toRegistryError(error, onError);
      const notes = notesOf(request);
      if (notes !== undefined) notes.errorCode = told.code;
      return errorResponse(told, request.method);
    }
  };
}

/** Wrong addresses too, when a browser asks: it should show more than JSON. */
function isPage(path: string, request: Request): boolean {
  if (isPagePath(path)) return true;
  if (path.startsWith("/v2")) return false;
  return request.headers.get("accept")?.includes("text/html") ?? false;
}
