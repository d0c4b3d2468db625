import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeRegistry } from "../../build/handover/probe-registry.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import { openLayout } from "../../oci/layout.ts";
import { serveRegistry } from "../../registry/serve-registry.ts";
import type { Finding, Probe } from "../probe.ts";

/** By which way images go from build to build: through the registry in hive's process if the daemon reaches that. */
export const handoverProbe: Probe = {
  name: "handover",
  limit: 30_000,
  needs: "buildkit",
  async run(buildkit, _, signal) {
    const directory = await mkdtemp(join(tmpdir(), "hive-doctor-"));
    try {
      using layout = await openLayout(directory, { durable: false });
      await using registry = await serveRegistry({ layout, grace: 0 });
      const reached = await probeRegistry(buildkit, registry, { signal });
      if (reached === undefined) return [{ status: "skipped", detail: "it could not be tried" }];
      if (!reached) return [await withoutRegistry(buildkit)];
      return [{ status: "ok", detail: "the daemon reaches the registry inside hive" }];
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function withoutRegistry(buildkit: Buildkit): Promise<Finding> {
  const detail = "the daemon can't reach the registry inside hive";
  if ((await buildkit.capabilities()).ociLayout) {
    return {
      status: "warn",
      detail: `${detail}: images go over the session, which is slower`,
      fix: "Run the daemon on this machine, in its network namespace (docker run --network host); or leave it at that.",
    };
  }
  return {
    status: "fail",
    detail: `${detail}, and takes no images over the session`,
    fix: "Turn on the engine's containerd image store, or use a buildkitd.",
  };
}
