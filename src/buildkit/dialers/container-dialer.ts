import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";
import { printable } from "../../base/printable.ts";
import { shellWord } from "../../base/shell-word.ts";
import { EngineRefusal } from "../../docker/engine-refusal.ts";
import { execStream, type ExecStream } from "../../docker/exec-stream.ts";
import { explainContainer } from "../../docker/explain-container.ts";
import { openEngine } from "../../docker/open-engine.ts";
import type { ByteStream } from "../../http2/byte-stream.ts";
import { tapStream } from "../../http2/tap-stream.ts";
import { createDeadline, type Deadline } from "../../base/deadline.ts";
import type { Dialer, DialerOptions } from "./dialer.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";

/** Connects its standard input and output to the daemon that it finds in there. */
const command = ["buildctl", "dial-stdio"];

/**
 * How long to wait for the daemon's first bytes, by which a connection is known to be one. A daemon that waits for ours first
 * is let have its way.
 */
const greetingTime = 3_000;

/**
 * A daemon in a container: each connection is a `buildctl dial-stdio` that the engine runs in there.
 * @throws HiveError "usage" for an address that can't be used, a context that nobody knows
 */
export async function createContainerDialer(
  { engine: kind, name: container, context }: Extract<Endpoint, { kind: "container" }>,
  { env }: DialerOptions,
): Promise<Dialer> {
  const engine = openEngine({ env, kind, context });
  const client = context === undefined ? kind : `${kind} --context ${shellWord(context)}`;
  return {
    authority: "localhost",
    async dial({ signal, timeout }) {
      // A little more than for each of the engine's answers: where one is missing, that is what is told.
      using deadline = createDeadline({ signal, timeout: timeout + 1_000 });
      const options = { signal: deadline.signal, timeout };
      let exec: ExecStream;
      try {
        exec = await execStream(engine, container, command, options);
      } catch (error) {
        if (!(error instanceof EngineRefusal)) throw error;
        throw await explainContainer(engine, { container, client, ...options }, error);
      }
      return await greeted(exec, { deadline, timeout, container, client });
    },
    [Symbol.asyncDispose]: async () => await engine[Symbol.asyncDispose](),
  };
}

type GreetOptions = {
  readonly deadline: Deadline;
  readonly timeout: number;
  readonly container: string;
  readonly client: string;
};

/** Waits until the daemon speaks, or the process says why it can't reach one. */
async function greeted(exec: ExecStream, options: GreetOptions): Promise<ByteStream> {
  const { deadline, timeout } = options;
  const tap = tapStream(exec.stream);
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), Math.min(greetingTime, timeout));
  try {
    let broken: unknown;
    const peeked = tap.peek().catch((error: unknown) => {
      broken = error;
      return undefined;
    });
    const first = await Promise.race([peeked, late.promise, deadline.passed]);
    // A frame begins with its length, far below 2^16; what begins otherwise is text. Engines write their own errors there.
    if (first === "late" || first?.[0] === 0) return tap.rest();
    const written =
      first === undefined ? "" : printable(Buffer.from(first).toString("utf8").trim());
    const reason = [exec.said(), written, broken === undefined ? "" : errorMessage(broken)].find(
      (text) => text !== "",
    );
    throw await notConnected(exec, reason, options);
  } catch (error) {
    exec.stream.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function notConnected(
  exec: ExecStream,
  said: string | undefined,
  { container, client }: GreetOptions,
): Promise<HiveError> {
  const code = await exec.exitCode().catch(() => undefined);
  const reason =
    said ?? (code === undefined ? "it ended without a word" : `it ended with exit code ${code}`);
  const name = shellWord(container);
  const isMissing = code === 126 || code === 127 || /executable file not found/i.test(reason);
  return new HiveError(
    "unreachable",
    `buildctl dial-stdio in "${printable(container)}": ${reason}`,
    {
      hint: isMissing
        ? "The container has to have buildctl on its PATH, as those of the image moby/buildkit have."
        : `See whether buildkitd runs in there, and where it listens (its BUILDKIT_HOST tells buildctl): ${client} logs ${name}`,
    },
  );
}
