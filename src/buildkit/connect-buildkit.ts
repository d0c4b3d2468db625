import { HiveError } from "../base/hive-error.ts";
import type { WorkerRecord } from "../gen/buildkit/worker_pb.ts";
import type { Platform } from "../oci/platform.ts";
import { type Connection, openConnection } from "./connection.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { dialReason } from "./dial.ts";
import { formatEndpoint, type Endpoint } from "./endpoint.ts";
import { reasonOf } from "./to-buildkit-error.ts";

/** A daemon that answered. Dispose it to close the connection. */
export type Buildkit = AsyncDisposable & {
  readonly endpoint: Endpoint;
  /** As BUILDKIT_HOST holds it. */
  readonly address: string;
  /** The daemon's own word: `v0.32.2`, or `v0.0.0+unknown` of a distribution's build. */
  readonly version: string;
  /** The first one is the one that builds. */
  readonly workers: readonly Worker[];
  /** Resolves when the connection is over, with an error unless it was closed in good order. Never rejects. */
  readonly closed: Promise<Error | undefined>;
};

export type Worker = {
  readonly id: string;
  /** What it can run, its own platform first. */
  readonly platforms: readonly Platform[];
  readonly labels: Readonly<Record<string, string>>;
};

type ConnectOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for everything together. */
  readonly timeout?: number;
};

/**
 * Connects to a daemon and asks who it is.
 * @throws HiveError "unreachable" when it can't be dialled, isn't BuildKit, or doesn't answer in time; the signal's reason.
 */
export async function connectBuildkit(
  endpoint: Endpoint,
  { signal, timeout = 10_000 }: ConnectOptions = {},
): Promise<Buildkit> {
  const address = formatEndpoint(endpoint);
  using deadline = createDeadline({ signal, timeout });
  const connection = await dialled(endpoint, timeout, signal);
  try {
    const { workers, version } = await introduce(connection, deadline);
    return {
      endpoint,
      address,
      version,
      workers,
      closed: connection.channel.closed,
      async [Symbol.asyncDispose]() {
        connection.channel.close();
        await connection.channel.closed;
      },
    };
  } catch (error) {
    connection[Symbol.dispose]();
    signal?.throwIfAborted();
    const seconds = timeout / 1000;
    const reason = deadline.signal.aborted ? `no answer within ${seconds} s` : reasonOf(error);
    throw new HiveError("unreachable", `Cannot talk to BuildKit at ${address}: ${reason}`, {
      hint: deadline.signal.aborted
        ? "Somebody listens there, but doesn't answer: see whether the daemon hangs, and restart it."
        : "See whether it is a BuildKit daemon that listens there.",
      cause: error,
    });
  }
}

async function dialled(
  endpoint: Endpoint,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  try {
    return await openConnection(endpoint, { signal, timeout });
  } catch (error) {
    signal?.throwIfAborted();
    const { reason, hint } = dialReason(error, endpoint);
    throw new HiveError(
      "unreachable",
      `Cannot connect to BuildKit at ${formatEndpoint(endpoint)}: ${reason}`,
      {
        hint: hint ?? "See whether the daemon runs, and whether this is its address.",
        cause: error,
      },
    );
  }
}

async function introduce(
  { control }: Connection,
  { signal }: Deadline,
): Promise<{ workers: Worker[]; version: string }> {
  const { record } = await control.listWorkers({}, { signal });
  const info = await control.info({}, { signal });
  return {
    workers: record.map(toWorker),
    version: info.buildkitVersion?.version ?? record[0]?.BuildkitVersion?.version ?? "unknown",
  };
}

function toWorker({ ID, platforms, Labels }: WorkerRecord): Worker {
  return {
    id: ID,
    labels: Labels,
    platforms: platforms.map(({ OS, Architecture, Variant }) => ({
      os: OS,
      architecture: Architecture,
      ...(Variant !== "" && { variant: Variant }),
    })),
  };
}
