import { Code, ConnectError } from "@connectrpc/connect";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { HiveError } from "../base/hive-error.ts";
import { SolveRequestSchema } from "../gen/buildkit/control_pb.ts";
import type { Worker } from "./connect-buildkit.ts";
import type { Connection } from "./connection.ts";
import { reasonOf } from "./to-buildkit-error.ts";

/** What a daemon can do, as far as builds depend on it. */
export type Capabilities = {
  /** A BuildKit of its own, or the one inside a Docker Engine: with containerd's image store, or with the old one. */
  readonly kind: "buildkitd" | "docker-containerd" | "docker-graph";
  /** Whether its images can go to a registry, or over the session, in the form in which they are stored. */
  readonly exportsImages: boolean;
  /** Whether parents can come over the session: `oci-layout://`. */
  readonly ociLayout: boolean;
  /** Whether names in a Dockerfile can mean something else: `context:name`. */
  readonly namedContexts: boolean;
  /** Whether caches can be written outside of the image. */
  readonly exportsCache: boolean;
};

/** What a daemon says of itself when it is first met. */
export type Introduction = {
  readonly workers: readonly Worker[];
  readonly version: string;
};

/**
 * Whether a daemon keeps images as registries have them; a Docker Engine's old store does not, and says so by a label that
 * it has not. It takes no further question.
 */
export function hasImageStore([worker]: readonly Worker[]): boolean {
  return worker !== undefined && `${label}snapshotter` in worker.labels;
}

/**
 * Asks a daemon what it can do. Of a release of BuildKit's own the version says it; any other is asked to build with a frontend
 * that nobody has: what it can't export is refused before that is looked for.
 * @throws HiveError "unreachable" when it does not answer in time
 */
export async function readCapabilities(
  { control }: Pick<Connection, "control">,
  { workers, version }: Introduction,
  { timeout = 5_000 }: { readonly timeout?: number } = {},
): Promise<Capabilities> {
  const isEngine = `${label}moby.host-gateway-ip` in (workers[0]?.labels ?? {});
  if (hasImageStore(workers) && isKnown(version)) {
    return {
      kind: isEngine ? "docker-containerd" : "buildkitd",
      exportsImages: true,
      ociLayout: true,
      namedContexts: true,
      exportsCache: true,
    };
  }

  async function can(request: Probe, refusal: RegExp): Promise<boolean> {
    const probe = create(SolveRequestSchema, {
      Ref: crypto.randomUUID().replaceAll("-", ""),
      Internal: true,
      Frontend: "hive.probe",
      ...request,
    });
    try {
      await control.solve(probe, { signal: AbortSignal.timeout(timeout) });
      return true;
    } catch (error) {
      if (isSilence(error)) {
        throw new HiveError(
          "unreachable",
          `Cannot find out what BuildKit can do: ${reasonOf(error)}`,
          {
            cause: error,
            hint: "See whether the daemon hangs, and restart it.",
          },
        );
      }
      return !refusal.test(reasonOf(error));
    }
  }

  const [image, oci, moby, namedContexts, exportsCache] = await Promise.all([
    can(exportTo("image"), noExporter),
    can(exportTo("oci"), noExporter),
    can(exportTo("moby"), noExporter),
    can(requiringContexts, noFrontendCapability),
    can(exportingCache, noCacheExporter),
  ]);
  return {
    kind: moby || isEngine ? (image ? "docker-containerd" : "docker-graph") : "buildkitd",
    exportsImages: image,
    // Both came before the frontend could name contexts; the store that knows no image to export knows none to read.
    ociLayout: oci && namedContexts,
    namedContexts,
    exportsCache,
  };
}

const label = "org.mobyproject.buildkit.worker.";

type Probe = MessageInitShape<typeof SolveRequestSchema>;

function exportTo(type: string): Probe {
  return { Exporters: [{ Type: type, Attrs: {} }], ExporterDeprecated: type };
}

// It is refused, or reads a Dockerfile next, for which there is no session.
const requiringContexts: Probe = {
  Frontend: "dockerfile.v0",
  FrontendAttrs: { "frontend.caps": "moby.buildkit.frontend.contexts", cmdline: "dockerfile.v0" },
};

// No registry is asked before there is something to write.
const exportingCache: Probe = {
  Cache: { Exports: [{ Type: "registry", Attrs: { ref: "127.0.0.1:1/hive-probe" } }] },
};

const noExporter = /\bexporter "[a-z]+" could not be found/;
const noCacheExporter = /\bunknown cache exporter\b/;
const noFrontendCapability = /\bunsupported frontend capability\b/;

/** From 0.13 on everything is there. A distribution's build says `v0.0.0+unknown`. */
function isKnown(version: string): boolean {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  return Number(major) > 0 || Number(minor) >= 13;
}

/** No answer to the question, whatever it was; a refusal is one. */
function isSilence(error: unknown): boolean {
  return (
    !(error instanceof ConnectError) ||
    error.code === Code.Canceled ||
    error.code === Code.DeadlineExceeded ||
    error.code === Code.Unavailable
  );
}
