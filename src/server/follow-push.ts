import { RegistryError } from "../registry/registry-error.ts";
import { parseRoute, rawPath } from "../registry/route.ts";
import type { PushActivity } from "./push-activity.ts";

/**
 * Notes a request that writes, and returns what to call with whether it was let in when it was answered; undefined for
 * one that only reads.
 * While the server is stopping, pushes that have begun go on and no others are let in.
 * @throws RegistryError 503
 */
export function followPush(
  request: Request,
  activity: PushActivity,
  stopping: boolean,
): ((allowed: boolean) => void) | undefined {
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const repository = repositoryOf(request);
  if (repository === undefined) return undefined;
  if (stopping && !activity.isActive(repository)) {
    throw new RegistryError(503, "DENIED", "the registry is being stopped", { "Retry-After": "5" });
  }
  return activity.begin(repository);
}

function repositoryOf(request: Request): string | undefined {
  try {
    const route = parseRoute(rawPath(request.url), request.method);
    return "repository" in route ? route.repository : undefined;
  } catch {
    // The registry says what is wrong with it.
    return undefined;
  }
}
