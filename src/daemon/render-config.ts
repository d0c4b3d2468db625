import type { DaemonPaths } from "./daemon-paths.ts";

/** How much of the disk the cache may take, in megabytes: the daemon removes what was not used for longest. */
export const cacheLimits = { reserved: 2_000, minFree: 5_000, maxUsed: 20_000 } as const;

/**
 * The `buildkitd.toml` of a daemon on this machine. It listens on nothing but sockets in its own directory.
 * {@link https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md}
 */
export function renderConfig({ root, socket, run }: DaemonPaths): string {
  // JSON's strings are strings of TOML.
  const text = JSON.stringify;
  return `# Written by hive at every start: changes are lost.
root = ${text(root)}
[grpc]
address = [${text(`unix://${socket}`)}]
[otel]
socketPath = ${text(`${run}/otel.sock`)}
[worker.containerd]
enabled = false
[worker.oci]
enabled = true
gc = true
reservedSpace = "${cacheLimits.reserved}MB"
minFreeSpace = "${cacheLimits.minFree}MB"
maxUsedSpace = "${cacheLimits.maxUsed}MB"
`;
}
