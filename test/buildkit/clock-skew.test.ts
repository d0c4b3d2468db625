import { expect, test } from "bun:test";
import { clockSkew } from "../../src/buildkit/clock-skew.ts";
import { clockDaemon, tellTime } from "./support/clock-daemon.ts";

const hour = 3_600_000;

async function skewOf(...[answer]: Parameters<typeof clockDaemon>): Promise<number | undefined> {
  await using daemon = await clockDaemon(answer);
  return await clockSkew(daemon, AbortSignal.timeout(10_000));
}

test.each([-2 * hour, 0, hour])("clockSkew() tells a clock that is %p ms ahead", async (ahead) => {
  const skew = await skewOf(tellTime(ahead));
  // As far as the way there may take, on a machine that has other things to do.
  expect(Math.abs((skew ?? Number.NaN) - ahead)).toBeLessThan(60_000);
});

test("clockSkew() is undefined where a daemon does not tell", async () => {
  expect(await skewOf(() => {})).toBeUndefined();
});
