import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { tempDirectory } from "./temp-directory.ts";

export type Relay = AsyncDisposable & {
  /** As DOCKER_HOST has it. */
  readonly host: string;
  /** The first line that came on each connection, in order; with TLS, behind the protocol that was agreed on. */
  readonly lines: readonly string[];
};

type RelayOptions = {
  /** Listens on a port of loopback, and wants a certificate of whoever comes. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Answers HTTP/2 as one who never heard of it. */
  readonly http1Only?: boolean | undefined;
};

/** Stands in front of a daemon on a unix socket, passes everything on and notes what it was asked. */
export async function startRelay(
  target: string,
  { tls, http1Only = false }: RelayOptions = {},
): Promise<Relay> {
  const directory = await tempDirectory();
  const lines: string[] = [];
  const open = new Set<Socket>();
  const accept = (socket: Socket): void => {
    open.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => open.delete(socket));
    socket.once("data", (first: Buffer) => {
      const line = first.toString("latin1").split("\r\n")[0] ?? "";
      const agreed = tls === undefined ? "" : `${(socket as TLSSocket).alpnProtocol || "none"} `;
      lines.push(`${agreed}${line}`);
      if (http1Only && line.startsWith("PRI ")) {
        socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        return;
      }
      const daemon = connect(target.replace(/^unix:\/\//, ""));
      daemon.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => daemon.destroy());
      daemon.write(first);
      socket.pipe(daemon).pipe(socket);
    });
  };
  const server: Server =
    tls === undefined
      ? createServer(accept)
      : createTlsServer(
          {
            ...tls,
            ca: tls.cert,
            requestCert: true,
            rejectUnauthorized: true,
            ALPNProtocols: http1Only ? ["http/1.1"] : ["h2", "http/1.1"],
          },
          accept,
        );
  const path = join(directory.path, "relay.sock");
  server.listen(tls === undefined ? { path } : { host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return {
    host:
      tls === undefined
        ? `unix://${path}`
        : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}
