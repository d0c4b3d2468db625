import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { listen, type Listener } from "../registry/listen.ts";
import { readServerCertificate, type ServerCertificate } from "./read-server-certificate.ts";
import type { ServerSettings } from "./server-settings.ts";

/** A listener that shows a new certificate when there is one. Disposing of it does not stop it. */
export type RenewingListener = Listener & Disposable;

type RenewingListenerOptions = {
  readonly settings: Pick<ServerSettings, "hostname" | "port" | "tls" | "names">;
  readonly certificate: ServerCertificate | undefined;
  readonly fetch: (request: Request, server: Bun.Server<undefined>) => Promise<Response>;
  /** Takes sentences for the person who runs the server. */
  readonly onWarning: (text: string) => void;
  readonly onError: (error: Error) => void;
  /** How often certificates are looked at, in milliseconds. Default: an hour. */
  readonly checkEvery?: number;
};

/** How long connections with the old certificate may go on, in milliseconds. */
const oldGrace = 600_000;

/**
 * Starts to listen.
 * @throws HiveError when the port is taken or the address is none of this machine's.
 */
export function serveRenewing(options: RenewingListenerOptions): RenewingListener {
  const { settings, certificate, fetch, onWarning, onError, checkEvery = 3600_000 } = options;
  const start = (port: number, tls: ServerCertificate | undefined): Listener =>
    listenOn({ hostname: settings.hostname, port, tls, fetch });
  let listener = start(settings.port, certificate);
  let shown = certificate;
  let stopped = false;

  const renew = async (): Promise<void> => {
    const current = await readServerCertificate(settings.tls, settings.names);
    if (stopped || current === undefined || current.certificate === shown?.certificate) return;
    // Both in one tick: nobody finds the port closed.
    const { port } = listener;
    void listener.stop(oldGrace);
    try {
      listener = start(port, current);
    } catch (error) {
      // A chain that is half written, maybe. It is tried again the next time.
      listener = start(port, shown);
      throw error;
    }
    shown = current;
    onWarning("The certificate was renewed");
  };
  const timer =
    certificate === undefined
      ? undefined
      : setInterval(() => void renew().catch(onError), checkEvery);
  timer?.unref();

  return {
    get port() {
      return listener.port;
    },
    pending: () => listener.pending(),
    stop: (grace) => {
      stopped = true;
      return listener.stop(grace);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function listenOn(options: Parameters<typeof listen>[0]): Listener {
  const { hostname, port } = options;
  try {
    return listen(options);
  } catch (cause) {
    switch (systemErrorCode(cause) ?? "") {
      case "EADDRINUSE":
        throw new HiveError("failed", `Cannot listen on port ${port}: it is in use`, {
          cause,
          hint: "Stop what uses it, or choose another one with --port; --port 0 takes any that is free.",
        });
      case "EACCES":
        throw new HiveError("failed", `Cannot listen on port ${port}: permission denied`, {
          cause,
          hint: "Choose a port above 1023 with --port.",
        });
      case "EADDRNOTAVAIL":
        throw new HiveError(
          "usage",
          `Cannot listen on "${hostname}": it is no address of this machine`,
          {
            cause,
            hint: "Give one of this machine's with --host; 0.0.0.0 is all of them.",
          },
        );
      default:
        throw new HiveError("failed", `Cannot listen on "${hostname}": ${String(cause)}`, {
          cause,
          hint: "Give an address of this machine with --host.",
        });
    }
  }
}
