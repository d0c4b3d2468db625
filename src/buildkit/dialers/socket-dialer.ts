import { isIP } from "node:net";
import { HiveError } from "../../base/hive-error.ts";
import { systemErrorCode } from "../../base/system-error.ts";
import type { ByteStream } from "../../http2/byte-stream.ts";
import { connectSocket, type SocketAddress } from "../../http2/connect-socket.ts";
import type { Dialer, DialerOptions } from "./dialer.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { explainTls } from "./explain-tls.ts";
import { readTlsFiles } from "./read-tls-files.ts";

type TcpEndpoint = Extract<Endpoint, { kind: "tcp" }>;

/** How a stream ended, made plainer; `heard` says whether the peer sent anything before. */
type Explain = (error: Error | undefined, heard: boolean) => Error | undefined;

/** A socket of this machine, or a port, with or without TLS. The PEM files are read once. */
export async function createSocketDialer(
  endpoint: Extract<Endpoint, { kind: "unix" | "tcp" }>,
  { env }: DialerOptions,
): Promise<Dialer> {
  if (endpoint.kind === "unix") return dialerOf("localhost", endpoint, (error) => error);
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  const authority = `${host}:${endpoint.port}`;
  return endpoint.tls === undefined
    ? dialerOf(authority, { kind: "tcp", hostname: endpoint.host, port: endpoint.port }, plain)
    : await createTlsDialer(authority, { ...endpoint, tls: endpoint.tls }, env);
}

async function createTlsDialer(
  authority: string,
  { host, port, tls }: TcpEndpoint & { readonly tls: NonNullable<TcpEndpoint["tls"]> },
  env: DialerOptions["env"],
): Promise<Dialer> {
  const { ca, cert, key, validTo } = await readTlsFiles(tls, env);
  const name = tls.serverName ?? host;
  const address: SocketAddress = {
    kind: "tcp",
    hostname: host,
    port,
    tls: {
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      // An address is no name to ask for (RFC 6066, section 3); the certificate is held against it all the same.
      serverName: tls.serverName === undefined && isIP(host) !== 0 ? "" : name,
    },
  };
  return dialerOf(authority, address, (error, heard) => {
    const known = explainTls(error, { name, validTo });
    if (known !== undefined || heard || !isHungUp(error)) return known ?? error;
    return silent("See whether BuildKit listens there, and which certificates it accepts.", error);
  });
}

function dialerOf(authority: string, address: SocketAddress, explain: Explain): Dialer {
  return {
    authority,
    async dial({ signal, timeout }) {
      let stream: ByteStream;
      try {
        stream = await connectSocket(address, { signal, timeoutMs: timeout });
      } catch (error) {
        if (signal?.aborted === true || !(error instanceof Error)) throw error;
        throw explain(error, true) ?? error;
      }
      return address.kind === "unix" ? stream : explained(stream, explain);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** A daemon with TLS hangs up on the first bytes that are none, sometimes with an alert (a record of type 21). */
const plain: Explain = (error, heard) =>
  !heard && isHungUp(error)
    ? silent(
        "Does it speak TLS? Then name its authority by ca=FILE in the address, and your own certificate by cert=FILE&key=FILE.",
        error,
      )
    : error;

function isHungUp(error: Error | undefined): boolean {
  return error === undefined || systemErrorCode(error) === "ECONNRESET";
}

function silent(hint: string, cause: unknown): HiveError {
  return new HiveError("unreachable", "it closed the connection without a word", { hint, cause });
}

function explained(stream: ByteStream, explain: Explain): ByteStream {
  let heard = false;
  return {
    start(handlers) {
      stream.start({
        data(chunk) {
          const isAlert = !heard && chunk[0] === 21 && chunk[1] === 3;
          if (isAlert) return;
          heard = true;
          handlers.data(chunk);
        },
        drain: () => handlers.drain(),
        end: (error) => handlers.end(explain(error, heard)),
      });
    },
    write: (chunk) => stream.write(chunk),
    close: () => stream.close(),
  };
}
