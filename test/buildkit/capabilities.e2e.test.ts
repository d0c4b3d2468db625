import { expect, test } from "bun:test";
import { type Capabilities, readCapabilities } from "../../src/buildkit/capabilities.ts";
import { connectBuildkit } from "../../src/buildkit/connect-buildkit.ts";
import { openConnection } from "../../src/buildkit/connection.ts";
import { type Endpoint, parseEndpoint } from "../../src/buildkit/endpoints/endpoint.ts";
import { requireEnv } from "../support/require-env.ts";

const engine = (variable: string): Endpoint => ({
  kind: "docker",
  socket: new URL(requireEnv(variable)).pathname,
});

const everything = {
  exportsImages: true,
  ociLayout: true,
  namedContexts: true,
  exportsCache: true,
} as const;

test.each<[string, () => Endpoint, Capabilities]>([
  [
    "a buildkitd",
    () => parseEndpoint(requireEnv("BUILDKIT_HOST")),
    { kind: "buildkitd", ...everything },
  ],
  [
    "a Docker Engine",
    () => engine("HIVE_TEST_DOCKER_HOST"),
    { kind: "docker-containerd", ...everything },
  ],
  [
    "a Docker Engine with the old image store",
    () => engine("HIVE_TEST_DOCKER_OLD_STORE_HOST"),
    {
      kind: "docker-graph",
      exportsImages: false,
      ociLayout: false,
      namedContexts: true,
      exportsCache: false,
    },
  ],
])(
  "capabilities of %s, told by its version and asked for are the same",
  async (_n, at, expected) => {
    await using buildkit = await connectBuildkit(at());
    expect(await buildkit.capabilities()).toEqual(expected);
    const { workers, dialer } = buildkit;
    const asked = await readCapabilities({ workers, version: "v0.0.0+unknown" }, () =>
      openConnection(dialer, { timeout: 10_000 }),
    );
    expect(asked).toEqual(expected);
  },
);
