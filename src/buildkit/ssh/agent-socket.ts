import { connect, type Socket } from "node:net";
import { HiveError } from "../../base/hive-error.ts";
import { systemErrorCode } from "../../base/system-error.ts";
import { readFrames } from "./read-frames.ts";

/** A connection to an ssh agent, which answers one request after the other. */
export type AgentConnection = Disposable & {
  /** Sends a whole message and gives its answer; undefined when the agent closed the connection. */
  ask(request: Uint8Array): Promise<Uint8Array | undefined>;
};

/** An agent may ask a person before it signs. */
const patience = 120_000;
const connectPatience = 5_000;

/**
 * Connects to the agent at the socket `path`.
 * @throws HiveError usage when nothing listens there
 */
export async function connectAgent(path: string): Promise<AgentConnection> {
  const socket = await opened(path);
  // What goes wrong later is seen by who reads.
  socket.on("error", () => {});
  socket.setTimeout(patience, () => socket.destroy());
  const answers = readFrames(socket)[Symbol.asyncIterator]();
  return {
    async ask(request) {
      socket.write(request);
      const answer = await answers.next();
      return answer.done === true ? undefined : answer.value;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

function opened(path: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(path);
  const fail = (reason: string, cause?: unknown): void => {
    clearTimeout(timer);
    socket.destroy();
    reject(unreachable(path, reason, cause));
  };
  const timer = setTimeout(() => fail("it does not answer"), connectPatience);
  socket.once("error", (error) => fail(systemErrorCode(error) ?? error.message, error));
  socket.once("connect", () => {
    clearTimeout(timer);
    resolve(socket);
  });
  return promise;
}

function unreachable(path: string, reason: string, cause: unknown): HiveError {
  return new HiveError("usage", `Cannot reach the ssh agent at "${path}": ${reason}`, {
    hint: "See whether it runs: ssh-add -l. Start one with: eval $(ssh-agent) && ssh-add",
    cause,
  });
}
