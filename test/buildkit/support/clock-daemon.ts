import { join } from "node:path";
import { createDialer, type Dialer } from "../../../src/buildkit/dialers/dialer.ts";
import { Control } from "../../../src/gen/buildkit/control_pb.ts";
import { grpcService, type RawServerCall } from "../../../src/grpc/grpc-service.ts";
import { serveGrpc } from "../../../src/grpc/serve-grpc.ts";
import { serveSockets } from "../../support/serve-sockets.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

/** A daemon that tells another time than ours, which no real one does on demand. It answers nothing else. */
export async function clockDaemon(
  answer: (call: RawServerCall) => void,
): Promise<AsyncDisposable & { readonly dialer: Dialer }> {
  await using stack = new AsyncDisposableStack();
  const path = join(stack.use(await tempDirectory()).path, "daemon.sock");
  const listenBuildHistory = { raw: async (call: RawServerCall) => answer(call) };
  const control = grpcService(Control, { listenBuildHistory });
  stack.use(serveSockets(path, (stream) => void serveGrpc(stream, [control])));
  const dialer = stack.use(await createDialer({ kind: "unix", path }, { env: {} }));
  const owned = stack.move();
  return { dialer, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Answers with the time as it is so many milliseconds from now. */
export function tellTime(ahead: number): (call: RawServerCall) => void {
  return (call) => {
    const time = new Date(Date.now() + ahead).toISOString();
    call.sendHeaders([["buildkit-current-timestamp", time]]);
  };
}
