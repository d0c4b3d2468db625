import { HiveError } from "../base/hive-error.ts";
import { printable } from "../base/printable.ts";
import { toError } from "../base/to-error.ts";
import type { ByteStream } from "../http2/byte-stream.ts";
import { createDemultiplexer } from "./demultiplexer.ts";
import { refusalOf } from "./engine-refusal.ts";
import type { Engine } from "./engine.ts";
import { readJsonAnswer } from "./read-answer.ts";

/** A process in a container: its standard input and output are the stream. Closing that ends its input, which it should heed. */
export type ExecStream = {
  readonly stream: ByteStream;
  /** The last that it wrote to standard error, in one line that is safe to print. */
  said(): string;
  /** Its exit code, as far as the engine knows it: undefined while it runs. */
  exitCode(): Promise<number | undefined>;
};

type ExecOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each of the engine's answers. */
  readonly timeout: number;
};

/** Of what a process complains about, the end is what counts. */
const saidLimit = 4096;

/**
 * Runs a program in a container that runs. Its standard error is what the stream ends with, as an Error, if there is any.
 * @throws EngineRefusal: 404 for no such container, 409 for one that is in no state for it; HiveError "unreachable"; the
 * signal's reason
 */
export async function execStream(
  engine: Engine,
  container: string,
  command: readonly string[],
  { signal, timeout }: ExecOptions,
): Promise<ExecStream> {
  const id = await createExec(engine, container, command, { signal, timeout });
  const raw = await engine.upgrade(`/exec/${id}/start`, {
    protocol: "tcp",
    body: { Detach: false, Tty: false },
    signal,
    timeout,
  });
  const complaint = createTail(saidLimit);
  return {
    stream: demultiplexed(raw, complaint),
    said: complaint.text,
    async exitCode() {
      const response = await engine.request(`/exec/${id}/json`, { signal, timeout });
      if (!response.ok) return undefined;
      const { Running: isRunning, ExitCode: code } = (await readJsonAnswer(response)) as {
        readonly Running?: boolean;
        readonly ExitCode?: number | null;
      };
      return isRunning === true || typeof code !== "number" ? undefined : code;
    },
  };
}

async function createExec(
  engine: Engine,
  container: string,
  command: readonly string[],
  options: ExecOptions,
): Promise<string> {
  const response = await engine.request(`/containers/${encodeURIComponent(container)}/exec`, {
    method: "POST",
    body: { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false, Cmd: command },
    ...options,
  });
  if (!response.ok) throw await refusalOf(response);
  const { Id: id } = (await readJsonAnswer(response)) as { readonly Id?: unknown };
  if (typeof id === "string" && /^\w+$/.test(id)) return id;
  throw new HiveError("failed", `The engine at ${engine.address} did not say what it started`);
}

function demultiplexed(raw: ByteStream, complaint: Tail): ByteStream {
  let isClosed = false;
  return {
    start(handlers) {
      let hasEnded = false;
      const finish = (error?: Error): void => {
        if (hasEnded) return;
        hasEnded = true;
        const said = complaint.text();
        handlers.end(error ?? (isClosed || said === "" ? undefined : new Error(said)));
      };
      const demultiplex = createDemultiplexer({
        stdout: (chunk) => handlers.data(chunk),
        stderr: complaint.add,
      });
      raw.start({
        data(chunk) {
          if (hasEnded) return;
          try {
            demultiplex(chunk);
          } catch (error) {
            finish(toError(error));
            raw.close();
          }
        },
        drain: () => handlers.drain(),
        end: finish,
      });
    },
    write: (chunk) => raw.write(chunk),
    close() {
      isClosed = true;
      raw.close();
    },
  };
}

type Tail = { readonly add: (chunk: Uint8Array) => void; readonly text: () => string };

function createTail(limit: number): Tail {
  let bytes: Uint8Array = new Uint8Array();
  return {
    add(chunk) {
      bytes = Buffer.concat([bytes, chunk.subarray(-limit)]).subarray(-limit);
    },
    text: () => printable(Buffer.from(bytes).toString("utf8").trim()),
  };
}
