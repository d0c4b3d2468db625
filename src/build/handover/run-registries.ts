import { randomBytes } from "node:crypto";
import type { Credentials } from "../../buildkit/solve-request.ts";
import type { ImageLayout } from "../../oci/layout.ts";
import { serveRegistry, type RegistryServer } from "../../registry/serve-registry.ts";

/** Registries in our process, for the length of a run, through which images go from build to build. */
export type RunRegistries = {
  /** Starts one for the images of a store. */
  readonly serve: (layout: ImageLayout) => Promise<RegistryServer>;
  /** What to show to a registry: to ours a secret of this run, to any other what `elsewhere` gives. */
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
};

/** @param onError learns that a store takes no more: every push would fail, each with retries, so the run should end */
export function createRunRegistries(
  elsewhere: RunRegistries["credentials"],
  onError: (error: Error) => void,
): RunRegistries {
  // Only BuildKit's session learns it: nobody else on this machine can read or write what passes through.
  const credential = { username: "hive", secret: randomBytes(32).toString("hex") };
  const own = new Set<string>();
  return {
    async serve(layout) {
      // When every build has ended nobody waits for an answer; the daemon may still hold a connection open.
      const registry = await serveRegistry({ layout, credential, grace: 0, onError });
      own.add(registry.address);
      return registry;
    },
    credentials: async (host) => (own.has(host) ? credential : await elsewhere(host)),
  };
}
