import { formatBytes } from "../../base/format-bytes.ts";
import { cacheRecords } from "../../buildkit/cache/cache-records.ts";
import { sizeOf, whyKept } from "../../buildkit/cache/cache-usage.ts";
import type { GcPolicy } from "../../buildkit/connect-buildkit.ts";
import type { Probe } from "../probe.ts";

/** How much the daemon's cache holds, and what it keeps by its own rules. */
export const daemonDiskProbe: Probe = {
  name: "daemon disk",
  // A big cache is measured once, and then known.
  limit: 30_000,
  needs: "buildkit",
  async run(buildkit, _, signal) {
    const records = await cacheRecords(buildkit, { signal });
    const total = sizeOf(records);
    const free = sizeOf(records.filter((one) => whyKept(one, {}) === undefined));
    const used = `its cache holds ${formatBytes(total)}, ${formatBytes(free)} of it not in use`;
    const policies = buildkit.workers.flatMap(({ gcPolicies }) => gcPolicies);
    if (policies.length === 0) {
      return [
        {
          status: "warn",
          detail: `${used}; it names no rules by which it cleans up itself`,
          fix: "Set up gc (buildkitd.toml; builder.gc in a Docker Engine's daemon.json), or run hive dev prune now and then.",
        },
      ];
    }
    const limit = biggestLimit(policies);
    if (limit === undefined) return [{ status: "ok", detail: `${used}; it cleans up by itself` }];
    return [{ status: "ok", detail: `${used}; it cleans up beyond ${formatBytes(limit)}` }];
  },
};

/** What may stay after all rules, the last of which is the strictest. */
function biggestLimit(policies: readonly GcPolicy[]): number | undefined {
  const limits = policies.filter(({ all }) => all).map(({ maxUsedSpace }) => maxUsedSpace);
  const set = limits.filter((limit) => limit > 0);
  return set.length === 0 ? undefined : Math.max(...set);
}
