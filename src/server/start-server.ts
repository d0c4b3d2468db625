import { randomBytes } from "node:crypto";
import type { Authenticate } from "../registry/access/access.ts";
import { authenticateUsers } from "../registry/access/authenticate-users.ts";
import { checkListening } from "../registry/access/check-listening.ts";
import { openUsersFile } from "../registry/access/users-file.ts";
import {
  openEphemeralStore,
  openRegistryStore,
  type OpenRegistryStore,
} from "../registry/store/open-registry-store.ts";
import { openAccessLog } from "./access-log/open-access-log.ts";
import { announceServer } from "./announce-server.ts";
import { composeServer, type ServerSituation } from "./compose-server.ts";
import { createPushActivity } from "./push-activity.ts";
import { rememberRole } from "./remember-role.ts";
import { serveRenewing } from "./serve-renewing.ts";
import { readServerCertificate } from "./read-server-certificate.ts";
import type { ServerSettings } from "./server-settings.ts";
import { stopGently } from "./stop-gently.ts";

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
const pushQuiet = 2000;

/**
 * Starts the registry that people run: storage, users, TLS, garbage collection, metrics, log and pages.
 * @throws HiveError when a setting can't be used, the storage is in use, or the port is taken.
 */
export async function startServer(
  settings: ServerSettings,
  options: ServerOptions,
): Promise<Server> {
  const { version, onWarning, onError } = options;
  // What fails, or is left, closes what was opened before it, in the opposite order.
  await using opened = new AsyncDisposableStack();
  await checkListening({
    host: settings.hostname,
    tls: settings.tls.kind !== "none",
    users: settings.users !== undefined,
    insecureListen: settings.insecureListen,
  });
  const controlToken = randomBytes(32).toString("base64url");
  const authenticate = usersOf(settings, controlToken, options);
  const certificate = await readServerCertificate(settings.tls, settings.names);
  for (const warning of certificate?.warnings ?? []) onWarning(warning);

  const store = opened.use(await openStore(settings, onWarning));
  if (settings.storage !== undefined)
    await rememberRole(settings.storage, settings.role, onWarning);
  const log = opened.use(openAccessLog(settings.accessLog, onError));
  const activity = createPushActivity(pushQuiet);
  const situation: ServerSituation = { url: "", stopping: false, pending: () => 0 };
  const { fetch } = opened.use(
    composeServer({
      settings,
      version,
      store,
      log,
      authenticate,
      controlToken,
      activity,
      situation,
      onWarning,
      onError,
    }),
  );
  const listener = opened.use(serveRenewing({ settings, certificate, fetch, onWarning, onError }));
  const scheme = certificate === undefined ? "http" : "https";
  const url = `${scheme}://${reachableHost(settings.hostname)}:${listener.port}`;
  situation.url = url;
  situation.pending = () => listener.pending();

  const authorityFile = certificate?.authorityFile;
  if (settings.storage !== undefined) {
    const authority = authorityFile === undefined ? {} : { certificateAuthority: authorityFile };
    const { tls } = settings;
    const own = tls.kind === "files" ? { certificate: tls.certificate } : {};
    const announced = { url, controlToken, ...authority, ...own };
    opened.use(await announceServer(settings.storage, announced, onError));
  }
  // First of all, so that it can be found while it stops.
  opened.defer(async () => {
    situation.stopping = true;
    await stopGently(listener, activity, settings.stopGrace);
  });
  const running = opened.move();
  return { url, authorityFile, [Symbol.asyncDispose]: () => running.disposeAsync() };
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
  { onWarning, onError }: ServerOptions,
): Authenticate | undefined {
  if (users === undefined) return undefined;
  return authenticateUsers({
    users: openUsersFile(users, { onWarning }),
    anonymous,
    controlToken,
    onFailure: ({ user, address }) =>
      onWarning(`Login failed: ${JSON.stringify(user)} from ${address}`),
    onError,
  });
}

/** A server on all interfaces is reached by loopback from this machine. */
function reachableHost(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  if (hostname === "::" || hostname === "[::]") return "[::1]";
  return hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
}
