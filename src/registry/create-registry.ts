import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { type Authenticate, requireAccess } from "./access/access.ts";
import { identify } from "./access/identify.ts";
import { handleBlob } from "./endpoints/blobs.ts";
import { handleCatalog } from "./endpoints/catalog.ts";
import { handleManifest } from "./endpoints/manifests.ts";
import { methodNotAllowed } from "./endpoints/method-not-allowed.ts";
import { handleReferrers } from "./endpoints/referrers.ts";
import { sendJson } from "./endpoints/send-json.ts";
import { handleTags } from "./endpoints/tags.ts";
import { handleToken } from "./endpoints/token.ts";
import { handleUpload, handleUploads } from "./endpoints/uploads.ts";
import { createMemoryBudget } from "./memory-budget.ts";
import {
  defaultLimits,
  type IncompleteImages,
  type RegistryContext,
  type RegistryLimits,
} from "./registry-context.ts";
import { errorResponse, RegistryError, toRegistryError } from "./registry-error.ts";
import { idleTimeout } from "./listen.ts";
import type { RegistryStore } from "./store/registry-store.ts";
import { notesOf } from "./request-notes.ts";
import { parseRoute, queryOf, queryParameter, rawPath, type Route } from "./route.ts";
import type { TagRules } from "./tag-rules.ts";
import type { Mirrors } from "./upstream/create-mirrors.ts";
import { resolveRepository } from "./upstream/resolve-repository.ts";
import { createUploadSessions } from "./upload-sessions.ts";

/** Speaks the OCI distribution protocol, given requests; needs no socket. Disposing gives up what is being uploaded. */
export type Registry = Disposable & {
  fetch(request: Request, server?: HttpServer): Promise<Response>;
  /** Uploads that were begun and not ended. */
  readonly openUploads: number;
};

/** The part of Bun's server that a request may ask for. */
export type HttpServer = {
  timeout(request: Request, seconds: number): void;
  requestIP(request: Request): { readonly address: string } | null;
};

export type RegistryOptions = {
  readonly store: RegistryStore;
  /** Default: everybody may do everything. */
  readonly authenticate?: Authenticate;
  readonly limits?: Partial<RegistryLimits>;
  /** Default: refuse. */
  readonly incompleteImages?: IncompleteImages;
  /** Of which registries copies are kept. Default: of none. */
  readonly mirrors?: Mirrors;
  /** Which tags stay where they are. Default: all may be moved and deleted. */
  readonly tagRules?: TagRules;
  /** Whether a request comes from who runs the server: no rule keeps them from deleting. */
  readonly isOperator?: (request: Request) => boolean;
  /** Takes errors that clients can't be blamed for: a full disk, our own faults. */
  readonly onError?: (error: Error) => void;
};

const readOnly: ReadonlySet<Route["kind"]> = new Set([
  "base",
  "catalog",
  "token",
  "tags",
  "referrers",
]);

/**
 * A registry over `store`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md}
 */
export function createRegistry(options: RegistryOptions): Registry {
  const { store, authenticate, incompleteImages = "refuse", mirrors, onError } = options;
  const rulesFor = (request: Request): TagRules | undefined =>
    request.method === "DELETE" && options.isOperator?.(request) === true
      ? undefined
      : options.tagRules;
  const limits = { ...defaultLimits, ...options.limits };
  const uploads = createUploadSessions({
    blobs: store.blobs,
    limit: limits.uploads,
    lifetime: limits.uploadStall,
  });
  const memory = createMemoryBudget(limits.manifestMemory);
  return {
    async fetch(request, server) {
      let held = false;
      const keepOpen = (): void => {
        held = true;
        server?.timeout(request, 0);
      };
      const notes = notesOf(request);
      try {
        // Before anything is said about the path.
        const access = await identify(request, server, authenticate);
        const asked = parseRoute(rawPath(request.url), request.method);
        if (notes !== undefined) notes.route = asked;
        const { route, namespace } = resolve(asked, request, { store, mirrors, access });
        if (notes !== undefined) notes.route = route;
        requireAccess(access, request.method, route);
        requireOwn(mirrors, request.method, route);
        const tagRules = rulesFor(request);
        const response = await answer(
          {
            store,
            uploads,
            limits,
            memory,
            incompleteImages,
            access,
            mirrors,
            tagRules,
            keepOpen,
          },
          request,
          route,
        );
        if (namespace !== undefined) response.headers.set("OCI-Namespace", namespace);
        return response;
      } catch (error) {
        const told = explain(error, request, onError);
        if (notes !== undefined) notes.errorCode = told.code;
        return errorResponse(told, request.method);
      } finally {
        // It holds for the connection, which would stay for ever when its client is gone without a word.
        if (held) server?.timeout(request, idleTimeout);
      }
    },
    get openUploads() {
      return uploads.size;
    },
    [Symbol.dispose]: () => uploads[Symbol.dispose](),
  };
}

/**
 * What a request is about: a name may be that of another registry.
 * {@link https://github.com/opencontainers/distribution-spec/blob/main/spec.md#registry-proxying}
 */
function resolve(
  route: Route,
  request: Request,
  { store, mirrors, access }: Pick<RegistryContext, "store" | "mirrors" | "access">,
): { readonly route: Route; readonly namespace?: string } {
  if (!("repository" in route)) return { route };
  const namespace = request.url.includes("ns=")
    ? queryParameter(queryOf(request.url), "ns")
    : undefined;
  if (mirrors === undefined && namespace === undefined) return { route };
  const { method } = request;
  const resolved = resolveRepository(
    {
      repository: route.repository,
      namespace,
      reads: method === "GET" || method === "HEAD",
      begins: route.kind === "manifest",
    },
    {
      mirrors: mirrors?.names ?? [],
      known: store.metadata,
      mayRead: (repository) => access.may("read", repository),
    },
  );
  // Whether there is a name may be known only to those who may read it.
  if (resolved.looked) requireAccess(access, method, route);
  const { repository } = resolved;
  if (!isRepositoryName(repository)) {
    throw new RegistryError(400, "NAME_INVALID", "invalid repository name");
  }
  return {
    route: { ...route, repository },
    ...(resolved.namespace === undefined ? {} : { namespace: resolved.namespace }),
  };
}

/** What is a copy comes from where it is copied from; to give it up is for who runs the registry to decide. */
function requireOwn(mirrors: Mirrors | undefined, method: string, route: Route): void {
  if (method === "GET" || method === "HEAD" || method === "DELETE") return;
  const mirrored = "repository" in route ? mirrors?.find(route.repository) : undefined;
  if (mirrored === undefined) return;
  const message = `images of ${mirrored.name} are copies here: nothing is pushed to them`;
  throw new RegistryError(403, "DENIED", message);
}

async function answer(context: RegistryContext, request: Request, route: Route): Promise<Response> {
  const { method } = request;
  if (readOnly.has(route.kind) && method !== "GET" && method !== "HEAD") {
    throw methodNotAllowed("GET, HEAD");
  }
  switch (route.kind) {
    case "base":
      return sendJson(request, "{}", { "Docker-Distribution-Api-Version": "registry/2.0" });
    case "catalog":
      return handleCatalog(context, request);
    case "token":
      return handleToken(context, request);
    case "tags":
      return await handleTags(context, request, route.repository);
    case "referrers":
      return await handleReferrers(context, request, route);
    case "manifest":
      return await handleManifest(context, request, route);
    case "blob":
      return await handleBlob(context, request, route);
    case "uploads":
      return await handleUploads(context, request, route.repository);
    case "upload":
      return await handleUpload(context, request, route);
  }
}

function explain(
  error: unknown,
  request: Request,
  onError: RegistryOptions["onError"],
): RegistryError {
  if (error instanceof RegistryError) return error;
  if (error instanceof HiveError) {
    // The disk, or what is on it: no fault of the client, and nothing that it can repair by trying again.
    // Where things are stored is nobody's business but the operator's.
    onError?.(error);
    const full = ["ENOSPC", "EDQUOT"].includes(systemErrorCode(error.cause) ?? "");
    const reason = full ? "the registry's disk is full" : "the registry can't use its storage";
    return new RegistryError(507, "DENIED", reason);
  }
  if (request.signal.aborted || (error instanceof Error && error.name === "AbortError")) {
    // Nobody is there to read it.
    return new RegistryError(400, "BLOB_UPLOAD_INVALID", "the connection was closed");
  }
  return toRegistryError(error, onError);
}
