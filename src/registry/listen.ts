import { endsWithin } from "../base/ends-within.ts";
import { errorResponse, RegistryError } from "./registry-error.ts";

/** An HTTP server for a registry. */
export type Listener = {
  /** As the system chose it when 0 was asked for. */
  readonly port: number;
  /** Requests that are not answered in full. */
  pending(): number;
  /** Lets requests under way end for so many milliseconds, then cuts them. Takes no new connections meanwhile. */
  stop(grace: number): Promise<void>;
};

type ListenOptions = {
  readonly hostname: string;
  /** 0: one that the system chooses. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  readonly fetch: (request: Request, server: Bun.Server<undefined>) => Promise<Response>;
};

/** The longest that Bun takes, in seconds. Requests that wait for a client's body have their own limit. */
export const idleTimeout = 255;

/** Starts to listen. Throws the system's error, EADDRINUSE for one. */
export function listen({ hostname, port, tls, fetch }: ListenOptions): Listener {
  const server = Bun.serve({
    hostname,
    port,
    idleTimeout,
    // Layers are as big as they are; manifests have a limit of their own.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    // Bun's default without `development` is true: two servers would share a port, and each answer some of the requests.
    reusePort: false,
    ...(tls === undefined ? {} : { tls: { cert: tls.certificate, key: tls.key } }),
    fetch,
    // Reached when a file vanishes between its response and its sending.
    error: () => errorResponse(new RegistryError(404, "BLOB_UNKNOWN", "unknown blob"), "GET"),
  });
  return {
    port: server.port ?? port,
    pending: () => server.pendingRequests,
    stop: (grace) => stopWithin(server, grace),
  };
}

async function stopWithin(server: Bun.Server<undefined>, grace: number): Promise<void> {
  // Without `true` it waits for ever for a request that hangs.
  if (grace > 0) await endsWithin(server.stop(), grace);
  await server.stop(true);
}
