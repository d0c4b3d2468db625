import type { HiveResult } from "./run-hive.ts";
import { waitUntil } from "./wait-until.ts";

/** Of what `hive dev du --json` prints. */
export type CacheUsage = {
  readonly total: number;
  readonly reclaimable: number;
  readonly records: readonly {
    readonly id: string;
    readonly type: string;
    readonly inUse: boolean;
  }[];
};

/**
 * A daemon's cache once no record is in use: it lets go of a build's records after it has answered, and holds them while it
 * measures them, as it does a second after a build. Until then they have other names and no type, and no prune takes them.
 * @param du Runs `hive dev du --json`.
 */
export async function restingCache(du: () => Promise<HiveResult>): Promise<CacheUsage> {
  return await waitUntil("no record is in use", 30_000, async () => {
    const { exitCode, stdout, stderr } = await du();
    if (exitCode !== 0) throw new Error(stderr);
    const usage = JSON.parse(stdout) as CacheUsage;
    return usage.records.some(({ inUse }) => inUse) ? undefined : usage;
  });
}
