import { create } from "@bufbuild/protobuf";
import { type SolveRequest, SolveRequestSchema } from "../gen/buildkit/control_pb.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { needsOwnFrontend } from "./dockerfile-syntax.ts";
import type { FileTree } from "./file-tree.ts";

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
  /** More attributes of the Dockerfile frontend; they win over those that the fields above make. */
  readonly frontendAttrs?: Readonly<Record<string, string>>;
  readonly exporter: TypedAttrs;
  readonly cacheImports?: readonly TypedAttrs[];
  readonly cacheExports?: readonly TypedAttrs[];
  /** Called when a registry answers 401. Undefined: anonymous. */
  readonly credentials?: (host: string) => Promise<Credentials | undefined>;
};

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
  const exporter = exporterOf(request.exporter);
  const cacheImports = (request.cacheImports ?? []).map(toEntry);
  return create(SolveRequestSchema, {
    Ref: ref,
    // Out of the daemon's history: it keeps some fifty builds, and a family of images would push everybody else's out.
    // It also saves the daemon a fifth of the work for a build that is all cached.
    Internal: true,
    Session: session,
    Frontend: frontend,
    FrontendAttrs: frontendAttrs(request),
    Exporters: [exporter],
    ExporterDeprecated: exporter.Type,
    ExporterAttrsDeprecated: exporter.Attrs,
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
    // The request's own field for imports counts for no frontend.
    ...(cacheImports.length > 0 && { "cache-imports": JSON.stringify(cacheImports.map(toEntry)) }),
    ...request.frontendAttrs,
  };
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
