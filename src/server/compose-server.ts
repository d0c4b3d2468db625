import { access, constants } from "node:fs/promises";
import type { Authenticate } from "../registry/access/access.ts";
import { readAuthorization } from "../registry/access/read-authorization.ts";
import { createSecretCheck } from "../registry/access/secret-check.ts";
import { refuseCrossSite, refuseForeignHosts } from "../registry/access/browser-guard.ts";
import { createRegistry, type RegistryOptions } from "../registry/create-registry.ts";
import type { OpenRegistryStore } from "../registry/store/open-registry-store.ts";
import { createRegistryStore, type RegistryStore } from "../registry/store/registry-store.ts";
import { createMirrors, type Mirrors } from "../registry/upstream/create-mirrors.ts";
import type { AccessLog } from "./access-log/access-log.ts";
import type { ControlSources } from "./control.ts";
import { collectNumbers } from "./collect-numbers.ts";
import { countContent } from "./count-content.ts";
import { createGcRunner } from "./gc-runner.ts";
import { createHealth } from "./health.ts";
import { countCommits } from "./metrics/count-commits.ts";
import { createProcessMetrics } from "./metrics/process-metrics.ts";
import { createRequestCounters } from "./metrics/request-counters.ts";
import type { PushActivity } from "./push-activity.ts";
import { createServerHandler } from "./server-handler.ts";
import type { ServerSettings } from "./server-settings.ts";
import { createStorageSize } from "./storage-size.ts";
import { watchRequests } from "./watch-requests.ts";
import { createPages } from "./web/create-pages.ts";

/** What is known of a server only once it listens, and changes while it does. */
export type ServerSituation = {
  /** `http://127.0.0.1:5000`. */
  url: string;
  stopping: boolean;
  /** Requests that are not answered in full. */
  pending(): number;
};

type ServerParts = {
  readonly settings: ServerSettings;
  readonly version: string;
  readonly store: OpenRegistryStore;
  readonly log: AccessLog | undefined;
  /** Undefined: there are no users. */
  readonly authenticate: Authenticate | undefined;
  /** What the commands of this machine show. */
  readonly controlToken: string;
  readonly activity: PushActivity;
  readonly situation: ServerSituation;
  readonly onWarning: (text: string) => void;
  readonly onError: (error: Error) => void;
};

/** A server without its socket. Disposing of it gives up uploads and a garbage collection that are under way. */
export type ComposedServer = AsyncDisposable & {
  readonly fetch: (request: Request, server: Bun.Server<undefined>) => Promise<Response>;
};

/** Puts together what answers requests: registry, pages, health, metrics, and the commands' own addresses. */
export function composeServer(parts: ServerParts): ComposedServer {
  const { settings, version, store, log, authenticate, activity, situation, onError } = parts;
  const users = authenticate === undefined ? {} : { authenticate };
  const resources = new AsyncDisposableStack();
  const blobs = countCommits(store.blobs);
  const mirrors = mirrorsOf(parts, { ...store, blobs });
  if (mirrors !== undefined) resources.use(mirrors);
  const registry = resources.use(
    createRegistry({
      store: { ...store, blobs },
      ...(mirrors === undefined ? {} : { mirrors }),
      ...rulesOf(parts),
      limits: settings.limits,
      incompleteImages: settings.incompleteImages,
      ...users,
      onError,
    }),
  );
  const gc = resources.use(createGcRunner({ store, settings: settings.gc, onError }));
  const processMetrics = resources.use(createProcessMetrics(version));
  const counters = createRequestCounters();
  const size = createStorageSize(store.directory);
  const started = new Date().toISOString();

  const status: ControlSources["status"] = async () => ({
    version,
    pid: process.pid,
    url: situation.url,
    ...(settings.storage === undefined ? {} : { storage: settings.storage }),
    started,
    stopping: situation.stopping,
    tls: settings.tls.kind !== "none",
    users: authenticate !== undefined,
    role: settings.role,
    mirrors: settings.mirrors.map(({ name, upstream: { origin } }) => ({ name, origin })),
    ...countContent(store.metadata),
    bytes: (await size()).bytes,
    uploads: registry.openUploads,
  });
  const handler = createServerHandler({
    registry,
    pages: createPages({
      // Whoever only looks at content does not keep it from being collected.
      store: createRegistryStore(store.garbage),
      address: () => new URL(situation.url).host,
      secure: settings.tls.kind !== "none",
      ...users,
      onError,
    }),
    health: createHealth({
      check: () => access(store.directory, constants.W_OK),
      isStopping: () => situation.stopping,
    }),
    metrics: {
      parts: [counters, processMetrics],
      collect: () =>
        collectNumbers({
          metadata: store.metadata,
          directory: store.directory,
          size,
          openUploads: registry.openUploads,
          commits: blobs,
          pending: situation.pending(),
          gc: gc.totals,
          droppedLines: log?.dropped,
          mirrors: mirrors?.counts,
        }),
    },
    control: { status, collectGarbage: (request) => gc.run(request) },
    activity,
    isStopping: () => situation.stopping,
    authenticate,
    guard: authenticate === undefined ? guardOf(settings.names) : refuseCrossSite,
    onError,
  });
  return {
    fetch: watchRequests<Bun.Server<undefined>>(handler, {
      counters,
      ...(log === undefined ? {} : { log }),
      addressOf: (request, server) => server.requestIP(request)?.address,
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Whether tags stay where they are, by the role. */
const keepsTags: Readonly<Record<ServerSettings["role"], boolean>> = {
  sandbox: false,
  ci: false,
  prod: true,
  archive: true,
};

function rulesOf({
  settings: { role, isMutableTag },
  controlToken,
}: ServerParts): Pick<RegistryOptions, "tagRules" | "isOperator"> {
  if (!keepsTags[role]) return {};
  const isControlToken = createSecretCheck(controlToken);
  return {
    tagRules: { role, isMutable: isMutableTag },
    isOperator(request) {
      const shown = readAuthorization(request.headers.get("authorization"));
      return shown.kind === "bearer" && isControlToken(shown.token);
    },
  };
}

function mirrorsOf(
  { settings: { role, isMutableTag, mirrors, mirrorSettings }, onWarning }: ServerParts,
  store: RegistryStore,
): Mirrors | undefined {
  if (mirrors.length === 0) return undefined;
  // What tags stand for does not change there, whatever it is elsewhere by now.
  const isPinned = (tag: string): boolean => keepsTags[role] && !isMutableTag(tag);
  return createMirrors({ mirrors, store, settings: { ...mirrorSettings, isPinned }, onWarning });
}

const maxKnownHosts = 100;

/** Where nobody has to log in, being able to reach the server must not be enough for a web page. */
function guardOf(names: readonly string[]): (request: Request) => void {
  const allowed = names.map((name) => name.toLowerCase());
  // Every request has one, and there are few that are right.
  const known = new Set<string>();
  return (request) => {
    const host = request.headers.get("host") ?? "";
    if (!known.has(host)) {
      refuseForeignHosts(request, allowed);
      if (known.size < maxKnownHosts) known.add(host);
    }
    refuseCrossSite(request);
  };
}
