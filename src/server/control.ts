import type { Access } from "../registry/access/access.ts";
import { methodNotAllowed } from "../registry/endpoints/method-not-allowed.ts";
import { RegistryError } from "../registry/registry-error.ts";
import { queryOf, queryParameter } from "../registry/route.ts";
import type { GcReport, GcRequest } from "./gc-runner.ts";
import type { RegistryRole } from "./server-settings.ts";

/** What a server tells of itself to the commands that look after it. */
export type ServerStatus = {
  readonly version: string;
  readonly pid: number;
  readonly url: string;
  /** Absolute path; absent when nothing is kept. */
  readonly storage?: string;
  /** ISO 8601. */
  readonly started: string;
  readonly stopping: boolean;
  readonly tls: boolean;
  readonly users: boolean;
  readonly role: RegistryRole;
  /** The registries that copies are kept of. */
  readonly mirrors: readonly { readonly name: string; readonly origin: string }[];
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
  /** Bytes of blobs. */
  readonly bytes: number;
  /** Uploads that were begun and have not ended. */
  readonly uploads: number;
};

export type ControlSources = {
  readonly status: () => Promise<ServerStatus>;
  readonly collectGarbage: (request: GcRequest) => Promise<GcReport>;
};

/** Below this are the addresses that only our own commands know. */
export const controlPath = "/-/control/";

/**
 * `GET /-/control/status` and `POST /-/control/gc`, for administrators.
 * @throws RegistryError
 */
export async function handleControl(
  sources: ControlSources,
  request: Request,
  path: string,
  access: Access,
): Promise<Response> {
  if (!access.admin) throw new RegistryError(403, "DENIED", "this is for administrators");
  switch (path.slice(controlPath.length)) {
    case "status":
      if (request.method !== "GET") throw methodNotAllowed("GET");
      return Response.json(await sources.status());
    case "gc":
      if (request.method !== "POST") throw methodNotAllowed("POST");
      return Response.json(await sources.collectGarbage(readGcRequest(request)));
    default:
      throw new RegistryError(404, "UNSUPPORTED", "no such endpoint");
  }
}

function readGcRequest(request: Request): GcRequest {
  const query = queryOf(request.url);
  return {
    dryRun: queryParameter(query, "dry-run") === "true",
    grace: milliseconds(queryParameter(query, "grace")),
    untaggedAfter: milliseconds(queryParameter(query, "untagged-after")),
  };
}

function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw new RegistryError(400, "UNSUPPORTED", "a span is no number of milliseconds");
  }
  return Number(text);
}
