import { randomBytes } from "node:crypto";
import { access, constants } from "node:fs/promises";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { currentOwner } from "../oci/run-owner.ts";
import type { Authenticate } from "../registry/access/access.ts";
import { authenticateUsers } from "../registry/access/authenticate-users.ts";
import { refuseCrossSite, refuseForeignHosts } from "../registry/access/browser-guard.ts";
import { checkListening } from "../registry/access/check-listening.ts";
import { openUsersFile } from "../registry/access/users-file.ts";
import { createRegistry } from "../registry/create-registry.ts";
import { listen, type Listener } from "../registry/listen.ts";
import {
  openEphemeralStore,
  openRegistryStore,
  type OpenRegistryStore,
} from "../registry/store/open-registry-store.ts";
import { openAccessLog } from "./access-log/open-access-log.ts";
import { createGcRunner } from "./gc-runner.ts";
import { createHealth } from "./health.ts";
import { createProcessMetrics } from "./metrics/process-metrics.ts";
import { createRequestCounters } from "./metrics/request-counters.ts";
import { createPushActivity } from "./push-activity.ts";
import { readServerCertificate } from "./server-certificates.ts";
import { createServerHandler } from "./server-handler.ts";
import { collectNumbers, countContent } from "./describe-server.ts";
import type { ServerSettings } from "./server-settings.ts";
import { removeServerState, writeServerState } from "./server-state.ts";
import { createStorageSize } from "./storage-size.ts";
import { stopGently } from "./stop-gently.ts";
import { watchRequests } from "./watch-requests.ts";
import { createPages } from "./web/create-pages.ts";

/** A registry that runs until it is disposed of, which lets pushes end first. */
export type Server = AsyncDisposable & {
  /** `http://127.0.0.1:5000`: an address that this machine reaches it by. */
  readonly url: string;
  /** The file of the authority that clients have to trust. */
  readonly authorityFile: string | undefined;
};

type ServerOptions = {
  readonly version: string;
  /** Takes sentences for the person who runs the server. */
  readonly onWarning: (text: string) => void;
  /** Takes what clients can't be blamed for. */
  readonly onError: (error: Error) => void;
};

/** A push has ended when nothing came for it for so long, in milliseconds. */
const pushQuiet = 1000;
/** How often certificates are looked at, in milliseconds. */
const certificateInterval = 3600_000;
/** How long connections with the old certificate may go on, in milliseconds. */
const oldCertificateGrace = 600_000;

/**
 * Starts the registry that people run: storage, users, TLS, garbage collection, metrics, log and pages.
 * @throws HiveError when a setting can't be used, the storage is in use, or the port is taken.
 */
export async function startServer(
  settings: ServerSettings,
  { version, onWarning, onError }: ServerOptions,
): Promise<Server> {
  // What fails, or is left, closes what was opened before it, in the opposite order.
  await using opened = new AsyncDisposableStack();
  await checkListening({
    host: settings.hostname,
    tls: settings.tls.kind !== "none",
    users: settings.users !== undefined,
    insecureListen: settings.insecureListen,
  });
  const controlToken = randomBytes(32).toString("base64url");
  const authenticate = usersOf(settings, controlToken, { onWarning, onError });
  const tls = await readServerCertificate(settings.tls, settings.names);
  for (const warning of tls?.warnings ?? []) onWarning(warning);

  const store = opened.use(await openStore(settings, onWarning));
  const registry = opened.use(
    createRegistry({
      store,
      limits: settings.limits,
      incompleteImages: settings.incompleteImages,
      ...(authenticate === undefined ? {} : { authenticate }),
      onError,
    }),
  );
  const gc = opened.use(createGcRunner({ store, settings: settings.gc, onError }));
  const log = opened.use(openAccessLog(settings.accessLog, onError));
  const processMetrics = opened.use(createProcessMetrics(version));
  const counters = createRequestCounters();
  const activity = createPushActivity(pushQuiet);
  let stopping = false;
  let listener: Listener | undefined;
  let url = "";
  const started = new Date();
  const size = createStorageSize(store.directory);

  const answer = createServerHandler({
    registry,
    pages: createPages({
      store,
      // Known once it listens, and asked for only then.
      get address() {
        return url.slice(url.indexOf("://") + 3);
      },
      secure: tls !== undefined,
      ...(authenticate === undefined ? {} : { authenticate }),
      onError,
    }),
    health: createHealth({
      check: async () => {
        if (stopping) throw new Error("the server is stopping");
        await access(store.directory, constants.W_OK);
      },
    }),
    metrics: {
      parts: [counters, processMetrics],
      collect: () =>
        collectNumbers({
          metadata: store.metadata,
          directory: store.directory,
          size,
          openUploads: registry.openUploads,
          pending: listener?.pending() ?? 0,
          gc: gc.totals,
          droppedLines: log?.dropped,
        }),
    },
    control: {
      status: async () => ({
        version,
        pid: process.pid,
        url,
        ...(settings.storage === undefined ? {} : { storage: settings.storage }),
        started: started.toISOString(),
        stopping,
        tls: tls !== undefined,
        users: authenticate !== undefined,
        ...countContent(store.metadata),
        bytes: (await size()).bytes,
        uploads: registry.openUploads,
      }),
      collectGarbage: (request) => gc.run(request),
    },
    activity,
    isStopping: () => stopping,
    authenticate,
    guard: authenticate === undefined ? guardOf(settings.names) : refuseCrossSite,
    onError,
  });
  const fetch = watchRequests<Bun.Server<undefined>>(answer, {
    counters,
    ...(log === undefined ? {} : { log }),
    addressOf: (request, server) => server.requestIP(request)?.address,
  });

  const start = (port: number, certificate: typeof tls): Listener =>
    listenOn(settings.hostname, { port, tls: certificate, fetch });
  listener = start(settings.port, tls);
  const { port } = listener;
  opened.defer(async () => {
    stopping = true;
    if (listener !== undefined) await stopGently(listener, activity, settings.stopGrace);
  });
  url = `${tls === undefined ? "http" : "https"}://${reachableHost(settings.hostname)}:${port}`;

  let shown = tls?.certificate;
  const renew = async (): Promise<void> => {
    const current = await readServerCertificate(settings.tls, settings.names);
    if (stopping || current === undefined || current.certificate === shown) return;
    shown = current.certificate;
    // Both in one tick: nobody finds the port closed.
    void listener?.stop(oldCertificateGrace);
    listener = start(port, current);
    onWarning("The certificate was renewed");
  };
  if (tls !== undefined) {
    const timer = setInterval(() => void renew().catch(onError), certificateInterval);
    timer.unref();
    opened.defer(() => clearInterval(timer));
  }
  if (settings.storage !== undefined) {
    const { storage } = settings;
    const owner = currentOwner();
    await writeServerState(storage, {
      version: 1,
      pid: process.pid,
      owner,
      url,
      address: url.slice(url.indexOf("://") + 3),
      controlToken,
      ...(tls?.authorityFile === undefined ? {} : { certificateAuthority: tls.authorityFile }),
    });
    opened.defer(() => removeServerState(storage, owner));
  }
  const running = opened.move();
  return {
    url,
    authorityFile: tls?.authorityFile,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function openStore(
  { storage, sync, storageLimits: limits }: ServerSettings,
  onWarning: (text: string) => void,
): Promise<OpenRegistryStore> {
  const common = { membership: "repository", limits, onWarning } as const;
  if (storage === undefined) return await openEphemeralStore(common);
  return await openRegistryStore({ ...common, directory: storage, sync });
}

function usersOf(
  { users, anonymous }: ServerSettings,
  controlToken: string,
  { onWarning, onError }: Pick<ServerOptions, "onWarning" | "onError">,
): Authenticate | undefined {
  if (users === undefined) return undefined;
  return authenticateUsers({
    users: openUsersFile(users, { onWarning }),
    anonymous,
    controlToken,
    onFailure: ({ user, address }) =>
      onWarning(
        `Login failed: ${user === undefined ? "" : `${JSON.stringify(user)} `}from ${address}`,
      ),
    onError,
  });
}

function guardOf(names: readonly string[]): (request: Request) => void {
  const allowed = names.map((name) => name.toLowerCase());
  return (request) => {
    refuseForeignHosts(request, allowed);
    refuseCrossSite(request);
  };
}

function listenOn(
  hostname: string,
  options: Omit<Parameters<typeof listen>[0], "hostname">,
): Listener {
  try {
    return listen({ hostname, ...options });
  } catch (error) {
    const reason = systemErrorCode(error);
    if (reason === "EADDRINUSE") {
      throw new HiveError("failed", `Cannot listen on port ${options.port}: it is in use`, {
        cause: error,
        hint: "Stop what uses it, or choose another one by --port; --port 0 takes any that is free.",
      });
    }
    if (reason === "EACCES") {
      throw new HiveError("failed", `Cannot listen on port ${options.port}: permission denied`, {
        cause: error,
        hint: "Choose a port above 1023 by --port.",
      });
    }
    throw new HiveError("failed", `Cannot listen on "${hostname}": ${String(error)}`, {
      cause: error,
      hint: "Give an address of this machine by --host.",
    });
  }
}

/** A server on all interfaces is reached by loopback from this machine. */
function reachableHost(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  if (hostname === "::" || hostname === "[::]") return "[::1]";
  return hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
}
