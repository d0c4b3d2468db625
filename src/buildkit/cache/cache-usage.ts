import type { CacheRecord, PruneRequest } from "./cache-records.ts";

/** The records of one type, together. */
export type TypeUsage = {
  readonly type: string;
  readonly records: number;
  /** Bytes. */
  readonly size: number;
  /** Bytes of those that are in use. */
  readonly inUse: number;
  /** Bytes of those that images of the daemon's share. */
  readonly shared: number;
  readonly lastUsed: Date | undefined;
};

/** Why a prune leaves a record alone; `keepStorage` is said of none, as it depends on all. */
export type KeepReason = "in use" | "shared" | "internal" | "recent";

/** What the daemon keeps for itself unless all is to go. */
const ownTypes: ReadonlySet<string> = new Set(["internal", "frontend"]);

/** Sums by type, the biggest first. */
export function usageByType(records: readonly CacheRecord[]): TypeUsage[] {
  return [...Map.groupBy(records, ({ type }) => type)]
    .map(([type, own]) => ({
      type,
      records: own.length,
      size: sizeOf(own),
      inUse: sizeOf(own.filter(({ inUse }) => inUse)),
      shared: sizeOf(own.filter(({ shared }) => shared)),
      lastUsed: own
        .flatMap(({ lastUsed }) => lastUsed ?? [])
        .toSorted((a, b) => b.getTime() - a.getTime())[0],
    }))
    .toSorted((a, b) => b.size - a.size || (a.type < b.type ? -1 : 1));
}

/** Bytes of all of them. */
export function sizeOf(records: readonly CacheRecord[]): number {
  return records.reduce((sum, { size }) => sum + size, 0);
}

/** Why a prune would leave a record that its filter matches; undefined when it may go. */
export function whyKept(
  { inUse, shared, type, lastUsed }: CacheRecord,
  { all = false, olderThan = 0 }: PruneRequest,
  now = Date.now(),
): KeepReason | undefined {
  if (inUse) return "in use";
  if (!all && ownTypes.has(type)) return "internal";
  if (!all && shared) return "shared";
  if (olderThan > 0 && lastUsed !== undefined && now - lastUsed.getTime() < olderThan) {
    return "recent";
  }
  return undefined;
}
