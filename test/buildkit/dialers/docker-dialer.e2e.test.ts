import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Environment } from "../../../src/base/environment.ts";
import { connectBuildkit } from "../../../src/buildkit/connect-buildkit.ts";
import { loadImage } from "../../../src/docker/load-image.ts";
import { run } from "../../support/run.ts";
import { rejection } from "../../support/rejection.ts";
import { type Relay, startRelay } from "../../support/relay.ts";
import { requireEnv } from "../../support/require-env.ts";
import { tempDirectory, type TempDirectory } from "../../support/temp-directory.ts";

/** Connects to the BuildKit of an engine, twice, and says what it can do. */
async function capabilitiesOf(env: Environment): Promise<string> {
  await using buildkit = await connectBuildkit({ kind: "docker" }, { env });
  (await buildkit.dialer.dial({ timeout: 5_000 })).close();
  return (await buildkit.capabilities()).kind;
}

/** What came for gRPC; the look at the engine's version is left out. */
function asked({ lines }: Relay): readonly string[] {
  return lines.filter((line) => !line.includes("/_ping"));
}

const preface = "PRI * HTTP/2.0";
const upgrade = "POST /grpc HTTP/1.1";

describe("docker://", () => {
  test("connects to an engine with the old image store, and knows it for one", async () => {
    const DOCKER_HOST = requireEnv("HIVE_TEST_DOCKER_OLD_STORE_HOST");
    expect(await capabilitiesOf({ DOCKER_HOST })).toBe("docker-graph");
  });

  test.each([
    {
      what: "an engine that knows nothing else",
      variable: "HIVE_TEST_DOCKER_HOST",
      lines: [upgrade],
    },
    // One look whether it is so, then as it is.
    {
      what: "an engine that answers natively",
      variable: "HIVE_TEST_DOCKER_NATIVE_HOST",
      lines: [preface, preface],
    },
    {
      what: "a proxy that knows no HTTP/2 before such an engine",
      variable: "HIVE_TEST_DOCKER_NATIVE_HOST",
      http1Only: true,
      lines: [preface, upgrade],
    },
  ])("asks $what as it wants to be asked", async ({ variable, http1Only, lines }) => {
    await using relay = await startRelay(requireEnv(variable), { http1Only });
    await using buildkit = await connectBuildkit(
      { kind: "docker" },
      { env: { DOCKER_HOST: relay.host } },
    );
    expect(buildkit.workers).toHaveLength(1);
    expect(asked(relay)).toEqual(lines);
    (await buildkit.dialer.dial({ timeout: 5_000 })).close();
    // What was found out is known from then on.
    expect(relay.lines.filter((line) => line.includes("/_ping"))).toHaveLength(1);
  });

  test.each([
    { what: "upgrade", variable: "HIVE_TEST_DOCKER_HOST", lines: [`http/1.1 ${upgrade}`] },
    {
      what: "natively",
      variable: "HIVE_TEST_DOCKER_NATIVE_HOST",
      lines: [`h2 ${preface}`, `h2 ${preface}`],
    },
    {
      what: "upgrade, where TLS agrees on nothing else",
      variable: "HIVE_TEST_DOCKER_NATIVE_HOST",
      http1Only: true,
      lines: [`http/1.1 ${upgrade}`],
    },
  ])("speaks TLS with both certificates: $what", async ({ variable, http1Only, lines }) => {
    await using certificates = await certificateDirectory();
    const { key, cert } = certificates;
    await using relay = await startRelay(requireEnv(variable), { tls: { key, cert }, http1Only });
    const env = {
      DOCKER_HOST: relay.host,
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: certificates.path,
    };
    await using buildkit = await connectBuildkit({ kind: "docker" }, { env });
    expect(buildkit.workers).toHaveLength(1);
    expect(asked(relay)).toEqual(lines);
    // The same way is taken to load an image.
    async function* nonsense(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("this is no archive");
    }
    expect(await rejection(loadImage(nonsense(), { env }))).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("Cannot load the image: "),
    });
  });

  test("trusts no certificate that its authority has not signed", async () => {
    await using mine = await certificateDirectory();
    await using other = await certificateDirectory();
    await using relay = await startRelay(requireEnv("HIVE_TEST_DOCKER_HOST"), { tls: mine });
    const env = { DOCKER_HOST: relay.host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: other.path };
    expect(await rejection(connectBuildkit({ kind: "docker" }, { env }))).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining(relay.host),
    });
    expect(relay.lines).toEqual([]);
  });
});

/** `ca.pem`, `cert.pem` and `key.pem`, of one who vouches for itself. */
async function certificateDirectory(): Promise<
  TempDirectory & { readonly key: string; readonly cert: string }
> {
  const directory = await tempDirectory();
  const { path } = directory;
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const name = ["-subj", "/CN=engine", "-addext", "subjectAltName=IP:127.0.0.1"];
  const out = ["-keyout", "key.pem", "-out", "cert.pem"];
  await run(["openssl", "req", "-x509", ...curve, "-days", "2", ...name, ...out], path);
  const [key, cert] = [
    await Bun.file(join(path, "key.pem")).text(),
    await Bun.file(join(path, "cert.pem")).text(),
  ];
  await Bun.write(join(path, "ca.pem"), cert);
  return Object.assign(directory, { key, cert });
}
