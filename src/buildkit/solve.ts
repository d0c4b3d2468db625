import { endsWithin } from "../base/ends-within.ts";
import { HiveError } from "../base/hive-error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { BuildkitError } from "./buildkit-error.ts";
import type { Buildkit } from "./connect-buildkit.ts";
import { type Connection, openConnection } from "./connection.ts";
import { dialReason } from "./dialers/dial-reason.ts";
import type { FileTree } from "./file-tree.ts";
import type { Liveness } from "./liveness.ts";
import { createMemoryTree } from "./memory-tree.ts";
import { sessionServices } from "./session-services.ts";
import { openSession, type Session } from "./session.ts";
import { type BuildRequest, createSolveRequest, localContextNames } from "./solve-request.ts";
import { followStatus } from "./status/follow-status.ts";
import { createStatusReader } from "./status/status-reader.ts";
import type { StepEvent } from "./status/step-event.ts";
import { lostMessage, toBuildkitError } from "./to-buildkit-error.ts";
import { watchDaemon } from "./watch-daemon.ts";
import { watchMetadata } from "./watch-metadata.ts";

/** What came of a build. */
export type SolveResult = {
  /** Of the image's manifest, when the exporter made one. */
  readonly digest: Digest | undefined;
  /** Of the image's config. */
  readonly configDigest: Digest | undefined;
  /** Everything that the exporter said. */
  readonly response: Readonly<Record<string, string>>;
};

export type SolveOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Must not throw. */
  readonly onStatus?: (event: StepEvent) => void;
  /** Milliseconds without a sign of life from the daemon before it is asked whether it lives. */
  readonly quiet?: number;
  /** Milliseconds that a registry may take to tell the daemon what an image is. */
  readonly metadataLimit?: number;
};

const dialTimeout = 10_000;
/** A registry that is only slow has its retries and redirects behind it by then. */
const usualMetadataLimit = 120_000;

const cleanUpLimit = 5_000;

/** How long the rest of the status is waited for: the daemon flushes it soon after the build's end. */
const patience = { idle: 5_000, limit: 60_000 };
const patienceWhenCanceled = { idle: 1_000, limit: 1_000 };

/**
 * Builds a Dockerfile. Returns when the daemon has exported the result.
 *
 * Every build has a connection of its own, which carries its session, its status and the build call: so all three
 * reach the same process behind a load balancer, no build waits for another's flow control, and closing it ends
 * whatever is left. That costs about a millisecond on a local socket.
 *
 * @throws BuildkitError; HiveError "usage" for a context that can't be sent; what `secrets` and `ssh` of the request throw.
 */
export async function solve(
  buildkit: Buildkit,
  request: BuildRequest,
  { signal, onStatus = () => {}, quiet, metadataLimit = usualMetadataLimit }: SolveOptions = {},
): Promise<SolveResult> {
  if (signal?.aborted === true) throw canceled(signal);
  using stack = new DisposableStack();
  const connection = stack.use(await connected(buildkit, signal));
  const liveness = stack.use(watchDaemon(connection, quiet));
  let ownFailure: unknown;
  // Some exporters say in the transfer what others say at the end.
  const sent: Record<string, string> = {};
  const transfers: Promise<void>[] = [];
  const refusal = Promise.withResolvers<never>();
  refusal.promise.catch(() => {});
  const ids = { ref: randomId(), session: randomId() };
  const session = openSession(connection.channel, {
    id: ids.session,
    sharedKey: request.sharedKey,
    services: sessionServices({
      trees: treesOf(request),
      credentials: request.credentials,
      tokens: request.tokens,
      secrets: request.secrets,
      ssh: request.ssh,
      stores: request.stores,
      receive: request.receive,
      onMetadata: (metadata) => Object.assign(sent, metadata),
      onTransfer: (transfer) => transfers.push(transfer),
      onFailure: (error) => (ownFailure ??= error),
      onRefusal: (error) => refusal.reject(error),
    }),
  });
  stack.defer(() => session.close());
  const metadata = stack.use(
    watchMetadata({
      limit: metadataLimit,
      onLate: (reference) => refusal.reject(silentRegistry(reference, metadataLimit)),
    }),
  );
  const reader = stack.use(
    createStatusReader((event) => {
      metadata.push(event);
      onStatus(event);
    }),
  );
  const status = followStatus(connection, ids.ref, reader);
  const call = new AbortController();
  using interruption = watchInterruption({ signal, connection, session, liveness });

  try {
    const building = connection.control.solve(createSolveRequest(request, ids), {
      signal: call.signal,
    });
    const { ExporterResponse: response } = await Promise.race([
      building,
      interruption.promise,
      refusal.promise,
    ]);
    await status.finish(patience);
    return toResult({ ...sent, ...response });
  } catch (error) {
    call.abort();
    const isOurs = error instanceof BuildkitError || error instanceof HiveError;
    await status.finish(isOurs ? patienceWhenCanceled : patience);
    if (isOurs) throw error;
    if (ownFailure instanceof HiveError) throw ownFailure;
    throw toBuildkitError(error, reader.firstError());
  } finally {
    session.close();
    // One that was broken off takes away what it wrote.
    if (transfers.length > 0) await endsWithin(Promise.allSettled(transfers), cleanUpLimit);
  }
}

async function connected(buildkit: Buildkit, signal: AbortSignal | undefined): Promise<Connection> {
  const { dialer, address } = buildkit;
  try {
    return await openConnection(dialer, { signal, timeout: dialTimeout });
  } catch (error) {
    if (signal?.aborted === true) throw canceled(signal);
    const { reason } = dialReason(error);
    const message = `Cannot connect to BuildKit at ${address}: ${reason}`;
    throw new BuildkitError("unreachable", message, { cause: error });
  }
}

/** The trees by the names that the Dockerfile frontend asks for. */
function treesOf(request: BuildRequest): Map<string, FileTree> {
  const { name, bytes, ignore } = request.dockerfile;
  const files = [{ path: name, bytes }];
  if (ignore !== undefined) files.push({ path: `${name}.dockerignore`, bytes: ignore });
  // The daemon compares times with what it has; it loads these each time, but now is right in any case.
  const now = BigInt(Date.now()) * 1_000_000n;
  const trees = new Map([
    ["dockerfile", createMemoryTree(files, now)],
    ["context", request.context],
  ]);
  const names = localContextNames(request);
  for (const [local, { tree }] of request.localContexts ?? []) {
    trees.set(names.get(local) ?? local, tree);
  }
  return trees;
}

type Interruption = Disposable & { readonly promise: Promise<never> };

type Watched = {
  readonly signal: AbortSignal | undefined;
  readonly connection: Connection;
  readonly session: Session;
  readonly liveness: Liveness;
};

/** Whatever ends a build before the daemon does. */
function watchInterruption({ signal, connection, session, liveness }: Watched): Interruption {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const cancel = (): void => reject(canceled(signal));
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted === true) cancel();

  async function watchConnection(): Promise<void> {
    const error = await connection.channel.closed;
    reject(new BuildkitError("lost", lostMessage(error?.message), { cause: error }));
  }
  async function watchSession(): Promise<void> {
    await session.closed;
    reject(new BuildkitError("lost", "BuildKit ended the session while the build ran"));
  }
  async function watchLife(): Promise<void> {
    try {
      await liveness.dead;
    } catch (cause) {
      reject(new BuildkitError("unreachable", "BuildKit stopped answering", { cause }));
    }
  }
  void watchConnection();
  void watchSession();
  void watchLife();
  return { promise, [Symbol.dispose]: () => signal?.removeEventListener("abort", cancel) };
}

function silentRegistry(reference: string, limit: number): BuildkitError {
  const message = `${reference}: its registry did not answer BuildKit within ${limit / 1000} s`;
  return new BuildkitError("failed", message);
}

function canceled(signal: AbortSignal | undefined): BuildkitError {
  return new BuildkitError("canceled", "The build was canceled", { cause: signal?.reason });
}

function toResult(response: Readonly<Record<string, string>>): SolveResult {
  const digestAt = (key: string): Digest | undefined => {
    const text = response[key];
    return text !== undefined && isDigest(text) ? text : undefined;
  };
  return {
    digest: digestAt("containerimage.digest"),
    configDigest: digestAt("containerimage.config.digest"),
    response,
  };
}

function randomId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
