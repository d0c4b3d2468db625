import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { openCertificates } from "../../src/certificates/open-certificates.ts";
import { serveRenewing } from "../../src/server/serve-renewing.ts";
import { readServerCertificate } from "../../src/server/read-server-certificate.ts";
import type { TlsSettings } from "../../src/server/server-settings.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

/** The serial number of the certificate that a server shows. */
async function shownBy(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () =>
    resolve(socket.getPeerCertificate().serialNumber),
  );
  socket.once("error", reject);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

test("a renewed chain that is half written leaves the server with the old one, until it is whole", async () => {
  await using directory = await tempDirectory();
  const make = async (name: string): Promise<{ certificate: string; key: string }> =>
    await openCertificates({ directory: join(directory.path, name) });
  const [first, second] = [await make("first"), await make("second")];
  const files = {
    certificate: join(directory.path, "server.crt"),
    key: join(directory.path, "server.key"),
  };
  const write = async ({ certificate, key }: typeof first, more = ""): Promise<void> => {
    await writeFile(files.key, key, { mode: 0o600 });
    await writeFile(files.certificate, certificate + more);
  };
  await write(first);
  const tls: TlsSettings = { kind: "files", ...files };
  const errors: Error[] = [];
  using listener = serveRenewing({
    settings: { hostname: "127.0.0.1", port: 0, tls, names: [] },
    certificate: await readServerCertificate(tls, []),
    fetch: async () => new Response("ok"),
    onWarning: () => undefined,
    onError: (error) => errors.push(error),
    checkEvery: 50,
  });
  const { port } = listener;
  try {
    const serialOf = (text: string): string => new X509Certificate(text).serialNumber;
    expect(await shownBy(port)).toBe(serialOf(first.certificate));
    await write(second, second.certificate.slice(0, 300));
    await waitUntil("the new chain was tried", 10_000, async () =>
      errors.some(({ message }) => message.includes("PEM")) ? true : undefined,
    );
    expect(await shownBy(port)).toBe(serialOf(first.certificate));
    await write(second);
    await waitUntil("the whole chain is shown", 10_000, async () =>
      (await shownBy(port)) === serialOf(second.certificate) ? true : undefined,
    );
  } finally {
    await listener.stop(0);
  }
});
