import { expect, test } from "bun:test";
import { join } from "node:path";
import { openCertificates } from "../../src/certificates/open-certificates.ts";
import { currentOwner } from "../../src/oci/run-owner.ts";
import { askServer } from "../../src/server/ask-server.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("a server with a certificate of one's own is known by it, and its token goes to no other", async () => {
  await using directory = await tempDirectory();
  const name = join(directory.path, "own");
  // Of an authority that this machine does not know, and asked for by an address that is not in it.
  const { certificate, key } = await openCertificates({ directory: name });
  const other = await openCertificates({ directory: join(directory.path, "other") });
  const answered: string[] = [];
  const serve = (who: string, cert: string, itsKey: string): Bun.Server<undefined> =>
    Bun.serve({
      hostname: "127.0.0.2",
      port: 0,
      tls: { cert, key: itsKey },
      fetch: () => {
        answered.push(who);
        return Response.json({ pid: 1 });
      },
    });
  using server = serve("server", certificate, key);
  using impostor = serve("impostor", other.certificate, other.key);
  const ask = async (port: number | undefined): Promise<unknown> =>
    await askServer(
      {
        version: 1,
        pid: process.pid,
        owner: currentOwner(),
        url: `https://127.0.0.2:${port}`,
        address: `127.0.0.2:${port}`,
        certificate: join(name, "server.crt"),
        controlToken: "secret",
      },
      {
        method: "GET",
        request: "status",
        timeout: 5000,
        signal: new AbortController().signal,
      },
    );
  expect(await ask(server.port)).toEqual({ pid: 1 });
  expect(await ask(impostor.port).catch(String)).toContain("Cannot ask the registry");
  expect(answered).toEqual(["server"]);
});
