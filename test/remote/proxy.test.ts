import { expect, test } from "bun:test";
import { join } from "node:path";
import { digestOf } from "../../src/oci/digest.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { connect, failure } from "./support/connect.ts";
import { forwardProxy } from "./support/forward-proxy.ts";
import { sampleBlob } from "./support/sample-blob.ts";
import { servedRegistry } from "./support/served-registry.ts";

const { bytes, descriptor } = sampleBlob(1_500_000);

async function certificate(): Promise<{ key: string; cert: string }> {
  await using directory = await tempDirectory();
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const name = ["-subj", "/CN=registry", "-addext", "subjectAltName=DNS:registry.test"];
  const command = ["openssl", "req", "-x509", ...curve, "-days", "2", ...name];
  await run([...command, "-keyout", "key.pem", "-out", "cert.pem"], directory.path);
  const read = async (file: string) => await Bun.file(join(directory.path, file)).text();
  return { key: await read("key.pem"), cert: await read("cert.pem") };
}

async function withEnvironment(
  values: Readonly<Record<string, string>>,
  body: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  try {
    await body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

test("blobs go both ways through a proxy, over TLS of a private authority", async () => {
  const tls = await certificate();
  await using registry = await servedRegistry({ tls });
  await using proxy = await forwardProxy(registry.address);
  const url = proxy.url.replace("http://", "http://user:hunter%402@");
  await withEnvironment({ HTTPS_PROXY: url }, async () => {
    const remote = connect("registry.test", { certificateAuthority: tls.cert });
    await remote.writeBlob("app", descriptor, () => new Blob([bytes]));
    const read = await new Response(remote.readBlob("app", descriptor)).bytes();
    expect(digestOf(read)).toBe(descriptor.digest);
  });
  expect(new Set(proxy.asked)).toEqual(
    new Set([`CONNECT registry.test:443 Basic ${btoa("user:hunter@2")}`]),
  );
});

test("blobs go both ways through a proxy without TLS", async () => {
  await using registry = await servedRegistry();
  await using proxy = await forwardProxy(registry.address);
  await withEnvironment({ HTTP_PROXY: proxy.url }, async () => {
    const remote = connect("registry.test", { plainHttp: true });
    await remote.writeBlob("app", descriptor, () => new Blob([bytes]).stream());
    const read = await new Response(remote.readBlob("app", descriptor)).bytes();
    expect(digestOf(read)).toBe(descriptor.digest);
  });
  expect(proxy.asked[0]).toBe("POST http://registry.test/v2/app/blobs/uploads/");
});

test("a proxy that refuses is told apart, without its password", async () => {
  await using refusing = Object.assign(
    Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(null, { status: 407 }) }),
    {
      async [Symbol.asyncDispose]() {
        await refusing.stop(true);
      },
    },
  );
  const url = `http://user:hunter2@127.0.0.1:${refusing.port}`;
  await withEnvironment({ HTTPS_PROXY: url }, async () => {
    const error = await failure(connect("registry.test").ping());
    expect([error.kind, error.message]).toEqual([
      "unreachable",
      "Cannot reach the registry registry.test: the proxy on the way there refuses",
    ]);
    expect(`${error.message}${error.hint}`).not.toContain("hunter2");
  });
});
