import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer as createPlainServer, type Server } from "node:net";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import { createSocketDialer } from "../../../src/buildkit/dialers/socket-dialer.ts";
import { parseEndpoint } from "../../../src/buildkit/endpoints/endpoint.ts";
import { HiveError } from "../../../src/base/hive-error.ts";
import { issueCertificates } from "../../support/issue-certificates.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

const directory = await tempDirectory();
afterAll(() => directory[Symbol.asyncDispose]());
const at = (name: string): string => join(directory.path, name);

beforeAll(async () => {
  await issueCertificates(directory.path, {
    server: { usage: "serverAuth", names: "IP:127.0.0.1,DNS:localhost" },
    named: { usage: "serverAuth", names: "DNS:localhost" },
    expired: { usage: "serverAuth", names: "IP:127.0.0.1", expired: true },
    client: { usage: "clientAuth" },
    old: { usage: "clientAuth", expired: true },
  });
});

type Outcome = { readonly heard: string; readonly error: Error | undefined };

/** Dials, and waits for how the stream ends, or for a word. */
async function dialled(address: string): Promise<Outcome> {
  const endpoint = parseEndpoint(address);
  if (endpoint.kind !== "tcp") throw new TypeError(`${address} is not TCP`);
  await using dialer = await createSocketDialer(endpoint, { env: { HOME: directory.path } });
  const stream = await dialer.dial({ timeout: 5_000 });
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  stream.start({
    data: (chunk) => resolve({ heard: Buffer.from(chunk).toString(), error: undefined }),
    drain: () => {},
    end: (error) => resolve({ heard: "", error }),
  });
  stream.write(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  const outcome = await promise;
  stream.close();
  return outcome;
}

/** What dialling throws, or the stream ends with. */
async function failureOf(address: string): Promise<HiveError> {
  const error = await dialled(address).then(
    (outcome) => outcome.error,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HiveError))
    throw new Error("It did not fail as it should", { cause: error });
  return error;
}

type Listening = AsyncDisposable & { readonly port: number; readonly names: unknown[] };

/** Greets who comes with "hello". */
async function listen(name: string, options: TlsOptions = {}): Promise<Listening> {
  const names: unknown[] = [];
  const server = createServer(
    {
      cert: readFileSync(at(`${name}.pem`)),
      key: readFileSync(at(`${name}.key`)),
      ALPNProtocols: ["h2"],
      ...options,
    },
    (socket) => {
      names.push("servername" in socket ? socket.servername : undefined);
      socket.on("error", () => {});
      socket.write("hello");
    },
  );
  server.on("tlsClientError", () => {});
  return { names, ...(await started(server)) };
}

async function started(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

test("createSocketDialer() verifies the address, and asks by no name for it", async () => {
  await using server = await listen("server");
  const address = `tcp://127.0.0.1:${server.port}?ca=~/ca.pem`;
  expect(await dialled(address)).toEqual({ heard: "hello", error: undefined });
  expect(await dialled(`${address}&servername=localhost`)).toMatchObject({ heard: "hello" });
  expect(server.names).toEqual([false, "localhost"]);
});

test("createSocketDialer() takes no certificate for names where an address is asked for", async () => {
  await using server = await listen("named");
  const failure = await failureOf(`tcp://127.0.0.1:${server.port}?ca=${at("ca.pem")}`);
  expect(failure.message).toContain("its certificate is not for 127.0.0.1");
  expect(failure.hint).toContain("servername=NAME");
});

test("createSocketDialer() tells an expired certificate", async () => {
  await using server = await listen("expired");
  const failure = await failureOf(`tcp://127.0.0.1:${server.port}?ca=${at("ca.pem")}`);
  expect(failure.message).toBe("its certificate has expired");
});

test("createSocketDialer() tells a port that does not speak TLS", async () => {
  await using server = await started(
    createPlainServer((socket) => {
      socket.on("error", () => {});
      // An empty SETTINGS frame, as a daemon begins.
      socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    }),
  );
  const failure = await failureOf(`tcp://127.0.0.1:${server.port}?ca=${at("ca.pem")}`);
  expect(failure.message).toBe("it does not speak TLS");
});

test("createSocketDialer() tells a port that does speak it", async () => {
  await using server = await listen("server");
  const failure = await failureOf(`tcp://127.0.0.1:${server.port}`);
  expect(failure.message).toContain("closed the connection");
  expect(failure.hint).toContain("Does it speak TLS?");
});

test.each([
  ["a file that is not there", "ca=/nowhere/ca.pem", 'Cannot read "/nowhere/ca.pem": ENOENT'],
  ["a key for a certificate", "ca=~/ca.key", "it is no certificate"],
  ["a certificate for a key", "cert=~/client.pem&key=~/ca.pem", "it is no private key"],
  ["the key of another", "cert=~/client.pem&key=~/old.key", "it is not the key of"],
  ["a directory without a key", "tls=~/without", "it has no key.pem"],
  ["a directory without anything", "tls=/nowhere", "it has no ca.pem"],
])("createSocketDialer() refuses %s before it dials", async (_case, settings, words) => {
  await mkdir(at("without"), { recursive: true });
  await Bun.write(at("without/ca.pem"), readFileSync(at("ca.pem")));
  await Bun.write(at("without/tls.crt"), readFileSync(at("client.pem")));
  const failure = await failureOf(`tcp://127.0.0.1:1?${settings}`);
  expect(failure.kind).toBe("usage");
  expect(failure.message).toContain(words);
});

test("files of TLS are plain files: a device is not read without end, nor a pipe waited for", async () => {
  Bun.spawnSync(["mkfifo", at("pipe")]);
  for (const path of ["/dev/zero", at("pipe")]) {
    const failure = await dialled(`tcp://127.0.0.1:1?ca=${path}`).catch((error: unknown) => error);
    expect(String(failure)).toContain(`"${path}" for TLS: it is no PEM file`);
  }
});
