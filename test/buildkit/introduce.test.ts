import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "bun:test";
import type { Connection } from "../../src/buildkit/connection.ts";
import { introduce } from "../../src/buildkit/introduce.ts";
import { rejection } from "../support/rejection.ts";

const record = [{ ID: "w", platforms: [], Labels: {} }];

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
