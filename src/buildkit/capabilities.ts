import type { Worker } from "./connect-buildkit.ts";
import type { Connection } from "./connection.ts";

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
};

/** Asks a daemon what it can do. */
export async function readCapabilities(
  _connection: Connection,
  workers: readonly Worker[],
): Promise<Capabilities> {
  const labels = workers[0]?.labels ?? {};
  const isDocker = `${label}moby.host-gateway-ip` in labels;
  const hasStore = `${label}snapshotter` in labels;
  return {
    kind: hasStore ? (isDocker ? "docker-containerd" : "buildkitd") : "docker-graph",
    exportsImages: hasStore,
    ociLayout: hasStore,
    namedContexts: true,
  };
}

const label = "org.mobyproject.buildkit.worker.";
