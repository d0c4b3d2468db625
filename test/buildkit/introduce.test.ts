import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "bun:test";
import type { Connection } from "../../src/buildkit/connection.ts";
import { introduce } from "../../src/buildkit/introduce.ts";
import { rejection } from "../support/rejection.ts";

const record = [{ ID: "w", platforms: [], Labels: {}, GCPolicy: [] }];

function daemon(info: () => Promise<unknown>): Connection {
  return { control: { listWorkers: async () => ({ record }), info } } as unknown as Connection;
}

const options = { signal: AbortSignal.timeout(10_000) };

test("introduce() takes the version from the daemon, and does without from those before 0.11", async () => {
  const told = daemon(async () => ({ buildkitVersion: { version: "v0.32.2" } }));
  expect(await introduce(told, options)).toMatchObject({ version: "v0.32.2" });
  // As Docker 20.10 says it.
  const old = daemon(async () => {
    throw new ConnectError(
      "unknown method Info for service moby.buildkit.v1.Control",
      Code.Unimplemented,
    );
  });
  expect(await introduce(old, options)).toMatchObject({
    version: "unknown",
    workers: [{ id: "w" }],
  });
  const broken = daemon(async () => {
    throw new ConnectError("gone", Code.Unavailable);
  });
  expect(await rejection(introduce(broken, options))).toMatchObject({ code: Code.Unavailable });
});

test("introduce() makes one short line of a version, and leaves out platforms that are none", async () => {
  const evil = "\u001b]0;title\u0007\u001b[2J";
  const platforms = [
    { OS: "linux", Architecture: "arm", Variant: "v7" },
    { OS: "linux", Architecture: `amd64${evil}`, Variant: "" },
    { OS: "linux", Architecture: "amd64", Variant: "\n" },
  ];
  const workers = Array.from({ length: 500 }, () => ({
    ID: "w",
    platforms,
    Labels: {},
    GCPolicy: [],
  }));
  const daemonOf = (version: string): Connection =>
    ({
      control: {
        listWorkers: async () => ({ record: workers }),
        info: async () => ({ buildkitVersion: { version } }),
      },
    }) as unknown as Connection;
  const told = await introduce(daemonOf(`v1.0${evil}\nx`), options);
  expect(told.version).toBe("v1.0 x");
  expect(told.workers.length).toBeLessThanOrEqual(100);
  expect(told.workers[0]?.platforms).toEqual([{ os: "linux", architecture: "arm", variant: "v7" }]);
  expect((await introduce(daemonOf("v".repeat(1e6)), options)).version.length).toBe(100);
});
