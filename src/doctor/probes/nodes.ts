import { HiveError } from "../../base/hive-error.ts";
import { connectBuildkit } from "../../buildkit/connect-buildkit.ts";
import { findEndpoint } from "../../buildkit/endpoints/find-endpoint.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { Finding, Probe, World } from "../probe.ts";

/** Whether every daemon that hive.yml lists as a node answers. */
export const nodesProbe: Probe = {
  name: "nodes",
  limit: 20_000,
  needs: "project",
  async run({ project }, world, signal) {
    const { nodes } = project.buildkit;
    if (nodes.length === 0) return [{ status: "skipped", detail: "hive.yml lists none" }];
    return await Promise.all(nodes.map(async ({ address }) => await ask(address, world, signal)));
  },
};

async function ask(
  address: string,
  { env, findOwn }: World,
  signal: AbortSignal,
): Promise<Finding> {
  const name = `node ${address}`;
  try {
    const { endpoint } = await findEndpoint({ flag: address, env }, { signal, findOwn });
    await using buildkit = await connectBuildkit(endpoint, { signal, env });
    const platforms = buildkit.workers.flatMap((worker) => worker.platforms.map(formatPlatform));
    return { name, status: "ok", detail: `${buildkit.version}: ${platforms.join(", ")}` };
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    return { name, status: "fail", detail: error.message, fix: error.hint };
  }
}
