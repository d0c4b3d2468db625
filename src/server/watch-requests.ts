import { rawPath } from "../registry/route.ts";
import { watchRequest } from "../registry/request-notes.ts";
import type { AccessLog } from "./access-log/access-log.ts";
import { endpointOf } from "./endpoint.ts";
import type { RequestCounters } from "./metrics/request-counters.ts";

type WatchOptions<Server> = {
  readonly counters: RequestCounters;
  readonly log?: AccessLog;
  /** The IP address that a request came from. */
  readonly addressOf: (request: Request, server: Server) => string | undefined;
};

/** `fetch` with every answer counted and logged. */
export function watchRequests<Server>(
  fetch: (request: Request, server: Server) => Promise<Response>,
  { counters, log, addressOf }: WatchOptions<Server>,
): (request: Request, server: Server) => Promise<Response> {
  return async (request, server) => {
    const notes = watchRequest(request);
    const time = Date.now();
    const start = performance.now();
    // Asked before: when the client is gone, so is its address.
    const address = log === undefined ? undefined : addressOf(request, server);
    const response = await fetch(request, server);
    const { method, url } = request;
    const { status } = response;
    const path = rawPath(url);
    const duration = performance.now() - start;
    const { received } = notes;
    const sent = method === "HEAD" ? 0 : Number(response.headers.get("content-length") ?? 0);
    counters.count({
      endpoint: endpointOf(path, notes),
      method,
      status,
      duration,
      received,
      sent,
      authenticationFailed: status === 401 && request.headers.has("authorization"),
    });
    log?.add({
      time,
      address,
      user: notes.user,
      method,
      url,
      path,
      status,
      received,
      sent,
      duration,
      userAgent: request.headers.get("user-agent"),
      errorCode: notes.errorCode,
      route: notes.route,
    });
    return response;
  };
}
