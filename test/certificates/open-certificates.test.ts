import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmod, cp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Certificates, openCertificates } from "../../src/certificates/open-certificates.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { thrownText } from "../support/thrown.ts";

const day = 24 * 3600 * 1000;
const later = (days: number): Date => new Date(Date.now() + days * day);

async function names(certificates: Certificates): Promise<string> {
  return new X509Certificate(certificates.certificate).subjectAltName ?? "";
}

describe("openCertificates()", () => {
  test("makes what openssl takes for an authority and a server of it", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "made", "tls");
    const made = await openCertificates({
      directory: path,
      names: [
        "registry.example.com",
        "*.Example.ORG",
        "192.0.2.7",
        "[2001:db8::7]",
        "bücher.example",
      ],
    });
    expect(made).toMatchObject({
      renewed: true,
      warnings: [],
      authorityFile: join(path, "ca.crt"),
    });
    const verified = await run(
      [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-CAfile",
        "ca.crt",
        "server.crt",
      ],
      path,
    );
    expect(verified).toBe("server.crt: OK\n");

    const authority = await run(["openssl", "x509", "-in", "ca.crt", "-noout", "-text"], path);
    expect(authority).toContain(
      `Subject: CN = ${`hive registry CA on ${hostname()}`.slice(0, 64)}`,
    );
    expect(authority).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(authority).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    const server = await run(["openssl", "x509", "-in", "server.crt", "-noout", "-text"], path);
    expect(server).toContain("ASN1 OID: prime256v1");
    expect(server).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(server).toMatch(/Extended Key Usage: \n\s+TLS Web Server Authentication/);
    for (const name of [
      "DNS:localhost",
      "IP Address:127.0.0.1",
      "IP Address:0:0:0:0:0:0:0:1",
      "DNS:registry.example.com",
      "DNS:*.example.org",
      "IP Address:192.0.2.7",
      "IP Address:2001:DB8:0:0:0:0:0:7",
      "DNS:xn--bcher-kva.example",
    ]) {
      expect(server).toContain(name);
    }
    expect(await modes(path)).toEqual([0o700, 0o600, 0o600]);
    const days = (made.notAfter.getTime() - Date.now()) / day;
    expect(days).toBeGreaterThan(364.9);
    expect(days).toBeLessThanOrEqual(365);
  });

  test("lets clients in that trust the authority, by name and address, and no others", async () => {
    await using directory = await tempDirectory();
    const { certificate, key, authorityFile } = await openCertificates({
      directory: directory.path,
    });
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: certificate, key },
      fetch: () => new Response("let in"),
    });
    try {
      for (const host of ["localhost", "127.0.0.1"]) {
        const url = `https://${host}:${server.port}/`;
        expect(await run(["curl", "-sS", "--cacert", authorityFile, url])).toBe("let in");
      }
      const stranger = run(["curl", "-sS", `https://localhost:${server.port}/`]);
      expect(await stranger.catch(String)).toContain("certificate problem");
    } finally {
      await server.stop(true);
    }
  });

  test("keeps what it made, until a month before the end", async () => {
    await using directory = await tempDirectory();
    const open = (now: Date): Promise<Certificates> =>
      openCertificates({ directory: directory.path, now });
    const first = await open(later(0));
    expect(await open(later(334))).toEqual({ ...first, renewed: false });
    const second = await open(later(336));
    expect(second).toMatchObject({ renewed: true, authority: first.authority });
    expect(second.certificate).not.toBe(first.certificate);
    expect(second.notAfter.getTime()).toBeGreaterThan(later(700).getTime());
  });

  test("renews the server's certificate for another name, not for one less", async () => {
    await using directory = await tempDirectory();
    const open = (...list: string[]): Promise<Certificates> =>
      openCertificates({ directory: directory.path, names: list });
    expect(await names(await open("a.example"))).not.toContain("b.example");
    const both = await open("b.example", "2001:db8::1");
    expect(await names(both)).toContain("DNS:b.example");
    expect((await open("2001:0db8:0:0::1")).renewed).toBe(false);
    expect((await open()).renewed).toBe(false);
    expect((await open("2001:db8::2")).renewed).toBe(true);
  });

  test("renews what does not fit: another authority, a damaged file, a missing key", async () => {
    await using directory = await tempDirectory();
    const { path } = directory;
    await openCertificates({ directory: path });
    await rm(join(path, "ca.crt"));
    const other = await openCertificates({ directory: path });
    expect(other.renewed).toBe(true);
    await run(["openssl", "verify", "-CAfile", "ca.crt", "server.crt"], path);

    await writeFile(join(path, "server.crt"), "damaged");
    expect((await openCertificates({ directory: path })).renewed).toBe(true);
    await rm(join(path, "server.key"));
    expect((await openCertificates({ directory: path })).renewed).toBe(true);
    expect((await openCertificates({ directory: path })).renewed).toBe(false);
  });

  test("shuts a directory that was open to others", async () => {
    await using directory = await tempDirectory();
    await chmod(directory.path, 0o755);
    await openCertificates({ directory: directory.path });
    expect(await modes(directory.path)).toEqual([0o700, 0o600, 0o600]);
  });

  test("gives one certificate to many who open at once", async () => {
    await using directory = await tempDirectory();
    const opened = await Promise.all(
      Array.from({ length: 4 }, () => openCertificates({ directory: directory.path })),
    );
    expect(new Set(opened.map(({ certificate }) => certificate)).size).toBe(1);
    expect(opened.filter(({ renewed }) => renewed)).toHaveLength(1);
  });

  test("never signs beyond the authority's end, and warns before it", async () => {
    await using directory = await tempDirectory();
    await openCertificates({ directory: directory.path });
    const late = await openCertificates({ directory: directory.path, now: later(3600) });
    expect(late.notAfter).toEqual(
      new X509Certificate(await readFile(late.authorityFile)).validToDate,
    );
    expect(late.warnings).toEqual([expect.stringContaining("authority ends on")]);
    const again = await openCertificates({ directory: directory.path, now: later(3640) });
    expect(again.renewed).toBe(false);
    const text = await thrownText(
      () => openCertificates({ directory: directory.path, now: later(3651) }),
      directory.path,
    );
    expect(text).toContain('Cannot use "ROOT/ca.crt": the authority ended on');
  });

  test.each([
    [
      "the key of another",
      async (path: string) => await cp(join(path, "server.key"), join(path, "ca.key")),
    ],
    ["no key", async (path: string) => await rm(join(path, "ca.key"))],
    ["no certificate in it", async (path: string) => await writeFile(join(path, "ca.crt"), "text")],
    [
      "a server in its place",
      async (path: string) => await cp(join(path, "server.crt"), join(path, "ca.crt")),
    ],
  ])("refuses an authority with %s, and leaves the files", async (_, damage) => {
    await using directory = await tempDirectory();
    await openCertificates({ directory: directory.path });
    await damage(directory.path);
    const before = await readFile(join(directory.path, "ca.crt"), "utf8");
    const text = await thrownText(
      () => openCertificates({ directory: directory.path }),
      directory.path,
    );
    expect(text).toBe(
      'failed: Cannot use "ROOT/ca.crt": it, or its key, is damaged or missing\n\n' +
        'Bring both files back, or delete "ROOT" to make a new authority, which every client has to trust anew.',
    );
    expect(await readFile(join(directory.path, "ca.crt"), "utf8")).toBe(before);
  });

  test.each([
    "",
    "a b",
    "https://a.example",
    "a.example:5000",
    "a/b",
    "-",
    "*",
    "a.*.example",
    "a,DNS:b",
  ])("refuses the name %j", async (name) => {
    await using directory = await tempDirectory();
    const text = await thrownText(
      () => openCertificates({ directory: directory.path, names: [name] }),
      directory.path,
    );
    expect(text).toContain(`usage: Cannot make a certificate for "${name}"`);
  });
});

async function modes(path: string): Promise<number[]> {
  const files = [path, join(path, "ca.key"), join(path, "server.key")];
  return await Promise.all(files.map(async (file) => (await stat(file)).mode & 0o777));
}
