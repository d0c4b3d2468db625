import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import type { Platform } from "../oci/platform.ts";
import { type Capabilities, readCapabilities } from "./capabilities.ts";
import { type Connection, openConnection } from "./connection.ts";
import { createDeadline } from "../base/deadline.ts";
import { dialReason } from "./dialers/dial-reason.ts";
import {
  createDialer,
  type Dialer,
  type DialerOptions,
  type DialOptions,
} from "./dialers/dialer.ts";
import { formatEndpoint, type Endpoint } from "./endpoints/endpoint.ts";
import { introduce } from "./introduce.ts";
import { reasonOf } from "./to-buildkit-error.ts";

/** A daemon that answered. Dispose it to close the connection, and the way to the daemon. */
export type Buildkit = AsyncDisposable & {
  readonly endpoint: Endpoint;
  /** For more connections: every build has its own. */
  readonly dialer: Dialer;
  /** As BUILDKIT_HOST holds it. */
  readonly address: string;
  /** The daemon's own word: `v0.32.2`, or `v0.0.0+unknown` of a distribution's build. */
  readonly version: string;
  /** The first one is the one that builds. */
  readonly workers: readonly Worker[];
  /** What it can do; asked once, when somebody wants to know. @throws HiveError "unreachable" */
  readonly capabilities: () => Promise<Capabilities>;
  /** Resolves when the connection is over, with an error unless it was closed in good order. Never rejects. */
  readonly closed: Promise<Error | undefined>;
};

/** What builds in a daemon. */
export type Worker = {
  readonly id: string;
  /** What it can run, its own platform first. */
  readonly platforms: readonly Platform[];
  readonly labels: Readonly<Record<string, string>>;
  /** The rules by which it cleans up its cache by itself, the strictest last. */
  readonly gcPolicies: readonly GcPolicy[];
};

/** One of a daemon's rules: of everything in its cache, or of some types. */
export type GcPolicy = {
  readonly all: boolean;
  /** Bytes that may stay; 0 for no limit. */
  readonly maxUsedSpace: number;
};

/** The hint where nobody knows more than that it can't be reached. */
export const isItThere = "See whether the daemon runs, and whether this is its address.";

type ConnectOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the connection and the answers, once the way there is found. */
  readonly timeout?: number;
  /** What the way there depends on: DOCKER_HOST, KUBECONFIG. Default: nothing. */
  readonly env?: Environment;
};

/**
 * Connects to a daemon and asks who it is.
 * @throws HiveError "unreachable" when it can't be dialled, isn't BuildKit, or doesn't answer in time; the signal's reason.
 */
export async function connectBuildkit(
  endpoint: Endpoint,
  { signal, timeout = 10_000, env = {} }: ConnectOptions = {},
): Promise<Buildkit> {
  const address = formatEndpoint(endpoint);
  await using stack = new AsyncDisposableStack();
  // A way that takes people's time (ssh may ask for a password) has limits of its own.
  const dialer = stack.use(await dialerFor(endpoint, { env, signal }));
  using deadline = createDeadline({ signal, timeout });
  const connection = stack.use(await dialled(dialer, endpoint, { timeout, signal }));
  try {
    const { workers, version } = await introduce(connection, deadline);
    const owned = stack.move();
    let capabilities: Promise<Capabilities> | undefined;
    // On a connection of their own: the daemon may have come back since.
    const askCapabilities = async (): Promise<Capabilities> => {
      try {
        return await readCapabilities({ workers, version }, () =>
          dialled(dialer, endpoint, { timeout }),
        );
      } catch (error) {
        capabilities = undefined;
        throw error;
      }
    };
    return {
      endpoint,
      dialer,
      address,
      version,
      workers,
      capabilities: async () => await (capabilities ??= askCapabilities()),
      closed: connection.channel.closed,
      async [Symbol.asyncDispose]() {
        connection.channel.close();
        await connection.channel.closed;
        await owned.disposeAsync();
      },
    };
  } catch (error) {
    signal?.throwIfAborted();
    // Where the end came before the call, the call knows of no reason.
    const ended = await Promise.race([connection.channel.closed, Promise.resolve()]);
    const known = findHiveError(error) ?? findHiveError(ended);
    if (known !== undefined) throw notConnected(known, endpoint);
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

async function dialerFor(endpoint: Endpoint, options: DialerOptions): Promise<Dialer> {
  try {
    return await createDialer(endpoint, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw notConnected(error, endpoint);
  }
}

async function dialled(
  dialer: Dialer,
  endpoint: Endpoint,
  options: DialOptions,
): Promise<Connection> {
  try {
    return await openConnection(dialer, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw notConnected(error, endpoint);
  }
}

function notConnected(error: unknown, endpoint: Endpoint): HiveError {
  const { reason, hint } = dialReason(error);
  const kind = error instanceof HiveError ? error.kind : "unreachable";
  return new HiveError(
    kind,
    `Cannot connect to BuildKit at ${formatEndpoint(endpoint)}: ${reason}`,
    {
      hint: hint ?? isItThere,
      cause: error,
    },
  );
}

/** What the dialer knows of a stream's end, below what HTTP/2 and gRPC say of it. */
function findHiveError(error: unknown): HiveError | undefined {
  if (error instanceof HiveError) return error;
  return error instanceof Error ? findHiveError(error.cause) : undefined;
}
