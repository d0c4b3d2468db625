import { describe, expect, test } from "bun:test";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCertificates } from "../../src/certificates/open-certificates.ts";
import { readCertificates } from "../../src/certificates/read-certificates.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { thrownText } from "../support/thrown.ts";

type Files = AsyncDisposable & {
  readonly path: string;
  readonly certificate: string;
  readonly key: string;
};

/** What openssl made: RSA, valid for `days`. */
async function madeByOpenssl(days = 100): Promise<Files> {
  const directory = await tempDirectory();
  const { path } = directory;
  const request = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=registry.test";
  const files = `-keyout own.key -out own.crt -days ${days}`;
  await run(`${request} ${files}`.split(" "), path);
  const key = join(path, "own.key");
  await chmod(key, 0o600);
  return {
    path,
    certificate: join(path, "own.crt"),
    key,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("readCertificates()", () => {
  test("takes what openssl made, and a server works with it", async () => {
    await using files = await madeByOpenssl();
    const own = await readCertificates(files.certificate, files.key);
    expect(own.warnings).toEqual([]);
    expect(own.notAfter.getTime()).toBeGreaterThan(Date.now() + 99 * 24 * 3600 * 1000);
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: own.certificate, key: own.key },
      fetch: () => new Response("let in"),
    });
    try {
      const connect = `registry.test:${server.port}:127.0.0.1`;
      const url = `https://registry.test:${server.port}/`;
      const command = ["curl", "-sS", "--resolve", connect, "--cacert", files.certificate, url];
      expect(await run(command)).toBe("let in");
    } finally {
      await server.stop(true);
    }
  });

  test("warns of a key that others can read, and of an end that is near", async () => {
    await using files = await madeByOpenssl(5);
    await chmod(files.key, 0o640);
    const { warnings } = await readCertificates(files.certificate, files.key);
    expect(warnings).toEqual([
      `Others can read the private key "${files.key}": run chmod 600 on it`,
      expect.stringMatching(/^The certificate ends .*: renew it$/),
    ]);
  });

  test("refuses what does not fit, with the reason", async () => {
    await using files = await madeByOpenssl();
    const { path } = files;
    await using other = await madeByOpenssl();
    const encrypted = join(path, "encrypted.key");
    await run([
      "openssl",
      "rsa",
      "-aes128",
      "-passout",
      "pass:x",
      "-in",
      files.key,
      "-out",
      encrypted,
    ]);
    const text = join(path, "text");
    await writeFile(text, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    const chain = join(path, "chain.crt");
    const both = [other.certificate, files.certificate].map((file) => readFile(file, "utf8"));
    await writeFile(chain, (await Promise.all(both)).join(""));

    const message = (certificate: string, key: string, now?: Date): Promise<string> =>
      thrownText(() => readCertificates(certificate, key, now), path);
    expect(await message(join(path, "none"), files.key)).toBe(
      'usage: Cannot read the certificate "ROOT/none": there is no such file\n\nGive the path of one that is there.',
    );
    expect(await message(files.certificate, join(path, "none"))).toBe(
      'usage: Cannot read the private key "ROOT/none": there is no such file\n\nGive the path of one that is there.',
    );
    expect(await message(text, files.key)).toBe('usage: Cannot use "ROOT/text": it is damaged');
    expect(await message(files.key, files.key)).toBe(
      'usage: Cannot use "ROOT/own.key": it holds no certificate in PEM',
    );
    expect(await message(files.certificate, files.certificate)).toBe(
      'usage: Cannot use "ROOT/own.crt": it holds no private key in PEM',
    );
    expect(await message(files.certificate, encrypted)).toContain("protected by a passphrase");
    expect(await message(files.certificate, other.key)).toContain("that were made together");
    expect(await message(chain, files.key)).toContain("Put the server's own certificate first");
    expect(await message(files.certificate, files.key, new Date("2020-01-01"))).toContain(
      "valid from",
    );
    expect(await message(files.certificate, files.key, new Date("2100-01-01"))).toContain(
      "it ended",
    );
  });

  test("takes a chain, the server's own first", async () => {
    await using files = await madeByOpenssl();
    const { certificate, key, authority } = await openCertificates({ directory: files.path });
    await writeFile(files.certificate, `${certificate}${authority}`);
    await writeFile(files.key, key);
    const own = await readCertificates(files.certificate, files.key);
    expect(own.certificate).toBe(`${certificate}${authority}`);
  });
});
