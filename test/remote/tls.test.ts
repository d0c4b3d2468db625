import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { connect, failure } from "./support/connect.ts";
import { servedRegistry } from "./support/served-registry.ts";

async function certificate(): Promise<{ key: string; cert: string }> {
  await using directory = await tempDirectory();
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const name = ["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"];
  const command = ["openssl", "req", "-x509", ...curve, "-days", "2", ...name];
  await run([...command, "-keyout", "key.pem", "-out", "cert.pem"], directory.path);
  const read = async (file: string) => await Bun.file(join(directory.path, file)).text();
  return { key: await read("key.pem"), cert: await read("cert.pem") };
}

describe("a registry with a certificate of its own", () => {
  test("is reached with its authority, and only with it", async () => {
    const tls = await certificate();
    await using registry = await servedRegistry({ tls });
    await connect(registry.address, { certificateAuthority: tls.cert }).ping();

    const stranger = await failure(connect(`https://${registry.address}`).ping());
    expect([stranger.kind, stranger.hint]).toEqual([
      "unreachable",
      "Name the file of its certificate authority with --ca-cert.",
    ]);
    const { cert: other } = await certificate();
    const wrong = await failure(connect(registry.address, { certificateAuthority: other }).ping());
    expect(wrong.kind).toBe("unreachable");
    const port = registry.address.split(":")[1] ?? "";
    const misnamed = await failure(
      connect(`https://localhost:${port}`, { certificateAuthority: tls.cert }).ping(),
    );
    expect(misnamed.message).toContain("its certificate is for another name");
  });

  test("and one without TLS are told apart", async () => {
    const tls = await certificate();
    await using secure = await servedRegistry({ tls });
    const plain = await failure(connect(`http://${secure.address}`).ping());
    expect([plain.kind, plain.hint]).toEqual([
      "unreachable",
      "Does it speak TLS? Then write https:// before its address, or name its certificate authority with --ca-cert.",
    ]);
    await using open = await servedRegistry();
    const expecting = await failure(connect(`https://${open.address}`).ping());
    expect(expecting.message).toContain("it does not speak TLS");
  });

  test.each(["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])(
    "%p is no authority",
    (pem) => {
      expect(() => connect("registry.test", { certificateAuthority: pem })).toThrow(
        "it is no certificate",
      );
    },
  );
});
