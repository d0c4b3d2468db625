import { expect, test } from "bun:test";
import { askAgain } from "../../src/buildkit/ask-again.ts";
import { startBuildkitd } from "../support/buildkitd.ts";
import { rejection } from "../support/rejection.ts";
import { connectTestDaemon } from "./build.ts";

const options = { signal: new AbortController().signal, timeout: 5_000 };

test("askAgain() is content with the daemon that was there before, and with no other", async () => {
  await using daemon = await connectTestDaemon();
  await askAgain(daemon, options);
  const other = { ...daemon, version: "v0.1.0" };
  expect(await rejection(askAgain(other, options))).toMatchObject({
    kind: "unreachable",
    message: expect.stringMatching(/not the one that was there before: it was v0\.1\.0 on linux\//),
  });
});

test("askAgain() rejects for a daemon that is gone, and in time for one that is frozen", async () => {
  const daemon = await startBuildkitd();
  await using connected = await connectTestDaemon(daemon.address);
  await daemon.freeze();
  expect(await rejection(askAgain(connected, { ...options, timeout: 300 }))).toMatchObject({
    name: "TimeoutError",
  });
  await daemon.kill("SIGKILL");
  expect(await rejection(askAgain(connected, options))).toMatchObject({
    code: expect.stringMatching(/ECONNREFUSED|ENOENT/),
  });
}, 30_000);
