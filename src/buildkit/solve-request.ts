import { create } from "@bufbuild/protobuf";
import { type SolveRequest, SolveRequestSchema } from "../gen/buildkit/control_pb.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { TokenAuthority } from "./auth/token-authority.ts";
import type { ContentStores } from "./content/content-service.ts";
import { needsOwnFrontend } from "./dockerfile-syntax.ts";
import type { FileTree } from "./file-tree.ts";
import type { Receive } from "./filesend/receive.ts";
import type { FindSecret } from "./secret-service.ts";
import type { FindAgent } from "./ssh/ssh-service.ts";

/** One build of a Dockerfile for one platform. */
export type BuildRequest = {
  /** The Dockerfile as it is sent, whatever is on disk. */
  readonly dockerfile: {
    /** Its path as errors show it: `Dockerfile`. */
    readonly name: string;
    readonly bytes: Uint8Array;
    /** What `<name>.dockerignore` holds; it wins over the context's own `.dockerignore`. */
    readonly ignore?: Uint8Array;
  };
  readonly context: FileTree;
  /**
   * Names the context for the daemon: it asks only for files whose size or time differ from those
   * that it got last under this key. Two directories must not share one.
   */
  readonly sharedKey: string;
  readonly platform: Platform;
  /** The stage to build; the last one when absent. */
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** What image names or stages mean: `hive/base:1.0` → `docker-image://127.0.0.1:5000/base@sha256:...`. */
  readonly namedContexts?: Readonly<Record<string, string>>;
  /** Directories by the names that the Dockerfile has for them, as in `COPY --from=name`. */
  readonly localContexts?: ReadonlyMap<string, LocalContext>;
  /** Runs every step again, or those of the stages named. Default: false. */
  readonly noCache?: boolean | readonly string[];
  /** Asks registries for base images even when the daemon has them. Default: false. */
  readonly pull?: boolean;
  /** For steps that don't say otherwise. `host` needs the entitlement `network.host`. */
  readonly network?: "none" | "host";
  /** What the build may do beyond the usual, `network.host` and `security.insecure`; the daemon must allow it, too. */
  readonly entitlements?: readonly string[];
  /** More attributes of the Dockerfile frontend; they win over those that the fields above make. */
  readonly frontendAttrs?: Readonly<Record<string, string>>;
  /** Where the result goes; it stays at the daemon when absent. */
  readonly exporter?: TypedAttrs;
  /** Where it comes to with an exporter that sends it: `local`, `tar`, `oci`, `docker`. */
  readonly receive?: Receive;
  readonly cacheImports?: readonly TypedAttrs[];
  readonly cacheExports?: readonly TypedAttrs[];
  /** Called when a registry answers 401. Undefined: anonymous. */
  readonly credentials?: (host: string) => Promise<Credentials | undefined>;
  /** Gets tokens for registries that want them, so that the daemon needs no credentials there. Undefined: it asks for those. */
  readonly tokens?: TokenAuthority;
  /** Called when a step mounts a secret. Undefined: none is there. */
  readonly secrets?: FindSecret;
  /** Called when a step mounts an ssh agent. Undefined: none is there. */
  readonly ssh?: FindAgent;
  /** What the daemon may read and write: `oci:<name>` for named contexts, `local:<name>` for local caches. */
  readonly stores?: ContentStores;
};

/** A directory besides the context, which the session sends. */
export type LocalContext = {
  readonly tree: FileTree;
  /** As the build's own, for this directory. */
  readonly sharedKey: string;
};

/** An exporter, or a cache, and its settings, as BuildKit has them. */
export type TypedAttrs = {
  readonly type: string;
  readonly attrs: Readonly<Record<string, string>>;
};

/** A user name is empty when the secret is an identity token. */
export type Credentials = { readonly username: string; readonly secret: string };

const frontend = "dockerfile.v0";

/** The message that starts the build; `ref` names it to Status, `session` says who serves its files. */
export function createSolveRequest(
  request: BuildRequest,
  { ref, session }: { readonly ref: string; readonly session: string },
): SolveRequest {
  const exporter = request.exporter && exporterOf(request.exporter);
  const cacheImports = (request.cacheImports ?? []).map(toEntry);
  return create(SolveRequestSchema, {
    Ref: ref,
    // Out of the daemon's history: it keeps some fifty builds, and a family of images would push everybody else's out.
    // It also saves the daemon a fifth of the work for a build that is all cached.
    Internal: true,
    Session: session,
    Frontend: frontend,
    FrontendAttrs: frontendAttrs(request),
    Entitlements: [...(request.entitlements ?? [])],
    ...(exporter !== undefined && {
      Exporters: [exporter],
      ExporterDeprecated: exporter.Type,
      ExporterAttrsDeprecated: exporter.Attrs,
    }),
    Cache: { Imports: cacheImports, Exports: (request.cacheExports ?? []).map(toEntry) },
  });
}

function frontendAttrs(request: BuildRequest): Record<string, string> {
  const { dockerfile, platform, target, cacheImports = [] } = request;
  return {
    filename: dockerfile.name,
    platform: formatPlatform(platform),
    // Any value makes the daemon use its own frontend instead of pulling the one that "# syntax=" names.
    ...(!needsOwnFrontend(dockerfile.bytes) && { cmdline: frontend }),
    ...(target !== undefined && { target }),
    ...prefixed("build-arg:", request.buildArgs),
    ...prefixed("label:", request.labels),
    ...prefixed("context:", request.namedContexts),
    ...localContextAttrs(request),
    ...noCacheAttr(request.noCache ?? false),
    ...(request.pull === true && { "image-resolve-mode": "pull" }),
    ...(request.network !== undefined && { "force-network-mode": request.network }),
    // The request's own field for imports counts for no frontend.
    ...(cacheImports.length > 0 && { "cache-imports": JSON.stringify(cacheImports.map(toEntry)) }),
    ...request.frontendAttrs,
  };
}

/**
 * The daemon's names of a build's local contexts, by the Dockerfile's: these may have any characters, and could be
 * "context" or "dockerfile", which mean something else there.
 */
export function localContextNames({ localContexts }: BuildRequest): Map<string, string> {
  return new Map([...(localContexts ?? new Map()).keys()].map((name, at) => [name, `local${at}`]));
}

function localContextAttrs(request: BuildRequest): Record<string, string> {
  const attrs: Record<string, string> = {};
  for (const [name, localName] of localContextNames(request)) {
    attrs[`context:${name}`] = `local:${localName}`;
    attrs[`sharedkey:localdir:${name}`] = request.localContexts?.get(name)?.sharedKey ?? "";
  }
  return attrs;
}

// An empty value means every stage.
function noCacheAttr(noCache: boolean | readonly string[]): Record<string, string> {
  if (noCache === false) return {};
  if (noCache === true) return { "no-cache": "" };
  return noCache.length === 0 ? {} : { "no-cache": noCache.join(",") };
}

// Which media types are written by default changed between versions of the daemon.
function exporterOf({ type, attrs }: TypedAttrs): { Type: string; Attrs: Record<string, string> } {
  const writesImage = type === "image" || type === "oci" || type === "docker";
  return { Type: type, Attrs: { ...(writesImage && { "oci-mediatypes": "true" }), ...attrs } };
}

function toEntry({ type, attrs }: TypedAttrs): { Type: string; Attrs: Record<string, string> } {
  return { Type: type, Attrs: { ...attrs } };
}

function prefixed(
  prefix: string,
  values: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value]));
}
