import { expect, test } from "bun:test";
import type { Buildkit } from "../../../src/buildkit/connect-buildkit.ts";
import { clockProbe } from "../../../src/doctor/probes/clock.ts";
import { clockDaemon, tellTime } from "../../buildkit/support/clock-daemon.ts";
import { emptyWorld } from "../support/empty-world.ts";

// Far enough from 5 s for a machine that has other things to do.
test.each([
  [-60_000, "warn", /behind$/],
  [60_000, "warn", /ahead$/],
  [0, "ok", /right$/],
] as const)("clockProbe finds a clock that is %p ms ahead: %s", async (ahead, status, detail) => {
  await using daemon = await clockDaemon(tellTime(ahead));
  if (clockProbe.needs !== "buildkit") throw new Error("It asks a daemon.");
  const { signal } = new AbortController();
  const found = await clockProbe.run(daemon as unknown as Buildkit, emptyWorld, signal);
  expect(found).toMatchObject([{ status, detail: expect.stringMatching(detail) }]);
});
