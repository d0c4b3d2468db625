import { isatty } from "node:tty";
import { forwardSocket, type SshForward } from "../../ssh/forward-socket.ts";
import type { Dialer, DialerOptions } from "./dialer.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";

/** A daemon's socket on another machine: one ssh for all connections, a new one when that has ended. */
export async function createSshDialer(
  { destination, port, path }: Extract<Endpoint, { kind: "ssh" }>,
  { env, signal }: DialerOptions,
): Promise<Dialer> {
  const target = { destination, port, remotePath: path, env };
  let forward: Promise<SshForward> = forwardSocket({ ...target, signal, interactive: isatty(0) });
  await forward;

  /** Nobody is asked for anything while a build runs. */
  async function opened(): Promise<SshForward> {
    const now = forward;
    // One that failed is tried again, by the first who comes.
    const isOver = await now.then(
      (open) => open.isOver(),
      () => true,
    );
    if (isOver && forward === now) {
      forward = forwardSocket(target);
      await now.then(
        (open) => open[Symbol.asyncDispose](),
        () => {},
      );
    }
    return await forward;
  }

  return {
    authority: "localhost",
    dial: async (options) => await (await opened()).connect(options),
    async [Symbol.asyncDispose]() {
      await forward.then(
        (open) => open[Symbol.asyncDispose](),
        () => {},
      );
    },
  };
}
