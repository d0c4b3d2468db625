import { expect, test } from "bun:test";
import { join } from "node:path";
import { clockSkew } from "../../src/buildkit/clock-skew.ts";
import { createDialer } from "../../src/buildkit/dialers/dialer.ts";
import { Control } from "../../src/gen/buildkit/control_pb.ts";
import { grpcService, type RawServerCall } from "../../src/grpc/grpc-service.ts";
import { serveGrpc } from "../../src/grpc/serve-grpc.ts";
import { serveSockets } from "../support/serve-sockets.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const hour = 3_600_000;

/** What is made of a daemon's answer, which no real one gives on demand. */
async function skewOf(answer: (call: RawServerCall) => void): Promise<number | undefined> {
  await using directory = await tempDirectory();
  const path = join(directory.path, "daemon.sock");
  const listenBuildHistory = { raw: async (call: RawServerCall) => answer(call) };
  const control = grpcService(Control, { listenBuildHistory });
  using _server = serveSockets(path, (stream) => void serveGrpc(stream, [control]));
  await using dialer = await createDialer({ kind: "unix", path }, { env: {} });
  return await clockSkew({ dialer }, AbortSignal.timeout(10_000));
}

test.each([-2 * hour, 0, hour])("clockSkew() tells a clock that is %p ms ahead", async (ahead) => {
  const skew = await skewOf((call) => {
    const time = new Date(Date.now() + ahead).toISOString();
    call.sendHeaders([["buildkit-current-timestamp", time]]);
  });
  // As far as the way there may take, on a machine that has other things to do.
  expect(Math.abs((skew ?? Number.NaN) - ahead)).toBeLessThan(60_000);
});

test("clockSkew() is undefined where a daemon does not tell", async () => {
  expect(await skewOf(() => {})).toBeUndefined();
});
