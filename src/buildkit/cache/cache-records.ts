import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { HiveError } from "../../base/hive-error.ts";
import type { UsageRecord } from "../../gen/buildkit/control_pb.ts";
import type { Buildkit } from "../connect-buildkit.ts";
import { type Connection, openConnection } from "../connection.ts";
import { reasonOf } from "../to-buildkit-error.ts";
import { watchDaemon } from "../watch-daemon.ts";

/** Something in a daemon's cache. */
export type CacheRecord = {
  readonly id: string;
  /** What it is: `regular` for a step's result, `source.local`, `exec.cachemount`, `internal`, ... */
  readonly type: string;
  /** The step that made it. */
  readonly description: string;
  /** Bytes. */
  readonly size: number;
  readonly created: Date | undefined;
  readonly lastUsed: Date | undefined;
  readonly usageCount: number;
  /** A build needs it now, or something else does that stays. */
  readonly inUse: boolean;
  /** An image of the daemon's consists of it, too. */
  readonly shared: boolean;
  /** May still be written to. */
  readonly mutable: boolean;
};

/** What is to go; without anything, all that no build needs now. */
export type PruneRequest = {
  /** In containerd's filter language: `type==regular,shared==false`. */
  readonly filter?: string | undefined;
  /** Also what the daemon keeps for itself, frontends, and what its images share. */
  readonly all?: boolean;
  /** Milliseconds: what was used since then stays. */
  readonly olderThan?: number | undefined;
  /** Bytes that may stay: the least recently used goes first. */
  readonly keepStorage?: number | undefined;
};

type CallOptions = { readonly signal: AbortSignal };

const dialTimeout = 10_000;

/**
 * What is in a daemon's cache.
 * @throws HiveError "usage" for a filter that it can't read, "unreachable" when it stops answering; the signal's reason
 */
export async function cacheRecords(
  buildkit: Buildkit,
  { filter, signal }: CallOptions & { readonly filter?: string | undefined },
): Promise<CacheRecord[]> {
  return await withConnection(buildkit, signal, async ({ control }, { signal: stop }) => {
    const request = { filter: filter === undefined ? [] : [filter] };
    const { record } = await control.diskUsage(request, { signal: stop });
    return record.map(toRecord);
  });
}

/**
 * Removes what is asked for from a daemon's cache, and tells of each record when it is gone. What is in use stays.
 * @throws as {@link cacheRecords}; what was removed by then is gone
 */
export async function pruneCache(
  buildkit: Buildkit,
  { filter, all = false, olderThan = 0, keepStorage = 0 }: PruneRequest,
  { signal, onRemoved }: CallOptions & { readonly onRemoved: (record: CacheRecord) => void },
): Promise<void> {
  const request = {
    filter: filter === undefined ? [] : [filter],
    all,
    keepDuration: BigInt(olderThan) * 1_000_000n,
    reservedSpace: BigInt(keepStorage),
  };
  await withConnection(buildkit, signal, async ({ control }, { signal: stop }) => {
    for await (const record of control.prune(request, { signal: stop })) {
      onRemoved(toRecord(record));
    }
  });
}

/** Runs a call of unknown length on a connection of its own, for as long as the daemon lives. */
async function withConnection<T>(
  { dialer, address }: Buildkit,
  signal: AbortSignal,
  task: (connection: Connection, call: CallOptions) => Promise<T>,
): Promise<T> {
  using connection = await openConnection(dialer, { signal, timeout: dialTimeout });
  // Measuring a big cache takes minutes, in which nothing comes.
  using liveness = watchDaemon(connection);
  const stop = new AbortController();
  try {
    const call = { signal: AbortSignal.any([signal, stop.signal]) };
    return await Promise.race([task(connection, call), liveness.dead]);
  } catch (error) {
    stop.abort(error);
    signal.throwIfAborted();
    const reason = reasonOf(error);
    if (/failed to parse .*filters/.test(reason)) {
      throw new HiveError("usage", `BuildKit can't read the filter: ${reason}`, {
        hint: "Write fields with their values, as type==source.local or description~=apt-get; a comma means and.",
      });
    }
    const unsupported = error instanceof ConnectError && error.code === Code.Unimplemented;
    throw new HiveError("unreachable", `BuildKit at ${address} failed: ${reason}`, {
      hint: unsupported ? "It is too old for this." : "See the daemon's log.",
      cause: error,
    });
  }
}

function toRecord(record: UsageRecord): CacheRecord {
  return {
    id: record.ID,
    type: record.RecordType,
    description: record.Description,
    size: Number(record.Size),
    created: dateOf(record.CreatedAt),
    lastUsed: dateOf(record.LastUsedAt),
    usageCount: Number(record.UsageCount),
    inUse: record.InUse,
    shared: record.Shared,
    mutable: record.Mutable,
  };
}

function dateOf(time: Timestamp | undefined): Date | undefined {
  return time === undefined ? undefined : timestampDate(time);
}
