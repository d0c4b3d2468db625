import type { EndpointSource } from "../../buildkit/endpoints/find-endpoint.ts";
import type { Probe } from "../probe.ts";

/** Whether there is a BuildKit, where, and who said so. What it says here counts for the exit code. */
export const buildkitProbe: Probe = {
  name: "buildkit",
  limit: 30_000,
  needs: "nothing",
  async run(_, world) {
    const state = await world.buildkit;
    if (state.kind === "missing") {
      const { message, hint } = state.error;
      return [{ status: "fail", detail: message, fix: hint }];
    }
    const { address, version } = state.buildkit;
    return [{ status: "ok", detail: `${version} at ${address} (${origins[state.source]})` }];
  },
};

const origins: Readonly<Record<EndpointSource, string>> = {
  flag: "by --buildkit",
  environment: "by BUILDKIT_HOST",
  project: "by hive.yml",
  probing: "found by itself",
};
