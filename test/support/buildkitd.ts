import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { requireEnv } from "./require-env.ts";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

export type Buildkitd = AsyncDisposable & {
  /** What goes into BUILDKIT_HOST: `unix:///...` or `tcp://127.0.0.1:<port>`. */
  readonly address: string;
  /** The daemon itself. */
  readonly pid: number;
  /** Stops it (SIGSTOP): its connections stay open, and it says nothing any more once this resolves. */
  freeze(): Promise<void>;
  /** Lets it go on. */
  thaw(): void;
  /** Sends a signal that ends the daemon, and waits until all its processes are gone. */
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** What the daemon has logged so far. */
  log(): string;
  /** What of builds still goes on in the daemon: functions of its own that some goroutine is in, and steps' processes. */
  work(): Promise<readonly string[]>;
};

export type BuildkitdOptions = {
  /** A socket in the daemon's own directory, or a free port on loopback. Default: `unix`. */
  readonly listen?: "unix" | "tcp";
  /** PEM files for a daemon that speaks TLS; with `ca` it wants a client's certificate of that authority. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Holds state and socket, and is kept: a second daemon on it comes back at the same socket with the same cache. */
  readonly directory?: string;
  /** A network namespace of its own: it can't reach the tests, as a daemon on another machine. */
  readonly isolated?: boolean;
  /** More of buildkitd.toml: top-level tables that are not `grpc`, `otel` or `worker`. */
  readonly config?: string;
};

const startLimit = 30_000;
const stopLimit = 15_000;

/**
 * Starts a BuildKit daemon of the test's own, from the binary that HIVE_TEST_BUILDKITD names.
 * It runs in its own process and mount namespaces: whatever way it ends, no build step and no mount stays.
 * Its cache is what tests make of it: it collects no garbage by itself, which a second after the start has records in
 * use, and under other names, while it measures them.
 * @throws Error with the daemon's log when it is not ready in time; Error when the variable is not set.
 */
export async function startBuildkitd(options: BuildkitdOptions = {}): Promise<Buildkitd> {
  const binary = requireEnv("HIVE_TEST_BUILDKITD");
  await using stack = new AsyncDisposableStack();
  const directory = options.directory ?? stack.use(await tempDirectory()).path;
  const address =
    options.listen === "tcp" ? "tcp://127.0.0.1:0" : `unix://${join(directory, "buildkitd.sock")}`;
  await mkdir(directory, { recursive: true });
  const config = join(directory, "buildkitd.toml");
  await Bun.write(
    config,
    renderConfig({ directory, address, more: options.config ?? "", tls: options.tls }),
  );

  const daemon = Bun.spawn(
    [...ownNamespaces, ...(options.isolated === true ? ["--net"] : []), binary, "--config", config],
    {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    },
  );
  const log = collect(daemon.stderr);
  let pid = daemon.pid;
  const kill = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    await end(daemon, pid, signal);
    await log.ended;
  };
  stack.defer(() => kill("SIGTERM"));

  const serving = await waitUntil("BuildKit daemon is ready", startLimit, () => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) {
      throw new Error("The daemon ended at once");
    }
    return findServing(log.text());
  }).catch((cause: unknown) => {
    throw new Error(`Cannot start a BuildKit daemon. Its log:\n${log.text()}`, { cause });
  });
  pid = await childOf(daemon.pid);
  const owned = stack.move();
  return {
    address: options.listen === "tcp" ? `tcp://${serving}` : address,
    pid,
    kill,
    freeze: () => freeze(pid),
    thaw() {
      process.kill(pid, "SIGCONT");
    },
    log: () => log.text(),
    async work() {
      return [...(await findBusy(debugSocket(directory))), ...(await stepsOf(pid))];
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Ends with the test process (`--pdeathsig`), and takes everything below it along (`--kill-child`). */
export const ownNamespaces = [
  "setpriv",
  "--pdeathsig",
  "KILL",
  "setsid",
  "unshare",
  "--mount",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
];

function renderConfig(options: {
  directory: string;
  address: string;
  more: string;
  tls: BuildkitdOptions["tls"];
}): string {
  const text = JSON.stringify;
  const tls = Object.entries(options.tls ?? {}).map(([key, path]) => `${key} = ${text(path)}\n`);
  return `root = ${text(join(options.directory, "root"))}
${options.more}
[grpc]
address = [${text(options.address)}]
debugAddress = ${text(`unix://${debugSocket(options.directory)}`)}
${tls.length === 0 ? "" : `[grpc.tls]\n${tls.join("")}`}
[otel]
socketPath = ${text(join(options.directory, "otel.sock"))}
[worker.containerd]
enabled = false
[worker.oci]
enabled = true
gc = false
`;
}

/** A thread that runs on another processor may answer yet when the signal is sent. */
async function freeze(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await waitUntil("all threads of the daemon are stopped", 10_000, async () => {
    const stats = await Array.fromAsync(new Bun.Glob("task/*/stat").scan(`/proc/${pid}`), (path) =>
      readFile(join(`/proc/${pid}`, path), "utf8").catch(() => ") T"),
    );
    return stats.every((stat) => /\) T[^)]*$/.test(stat)) || undefined;
  });
}

function debugSocket(directory: string): string {
  return join(directory, "debug.sock");
}

// Calls of clients, and what may outlive them: vertices that are worked at, exporters, caches that are written.
const busy =
  /\bcontrol\.\(\*Controller\)\.(?:Solve|Session|Status)\b|\bsolver\.\(\*sharedOp\)\.\w+|\bllbsolver\.\(\*Solver\)\.Solve\b|\bops\.\(\*\w+Op\)\.Exec\b/g;

/** What the daemon tells a Go debugger of its goroutines. */
async function findBusy(unix: string): Promise<readonly string[]> {
  const response = await fetch("http://daemon/debug/pprof/goroutine?debug=2", { unix });
  return [...new Set((await response.text()).match(busy))];
}

/** The programs that a daemon's process runs; `runc` as long as a step does. */
async function stepsOf(pid: number): Promise<readonly string[]> {
  const lists = await Array.fromAsync(
    new Bun.Glob("task/*/children").scan(`/proc/${pid}`),
    (path) => readFile(join(`/proc/${pid}`, path), "utf8").catch(() => ""),
  );
  const children = lists.flatMap((list) => list.split(" ").filter(Boolean));
  const names = await Promise.all(
    children.map((child) => readFile(`/proc/${child}/comm`, "utf8").catch(() => "")),
  );
  return names.filter((name) => name !== "").map((name) => name.trim());
}

/** The address in the line that a daemon logs when its workers are up and it listens. */
function findServing(log: string): string | undefined {
  return /running server on ([^"\s]+)/.exec(log)?.[1];
}

async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const child = Number(children.trim().split(" ")[0]);
  if (!(child > 0)) {
    throw new Error(`Cannot find the daemon: process ${pid} has no child`);
  }
  return child;
}

async function end(
  daemon: Bun.Subprocess,
  pid: number,
  signal: "SIGTERM" | "SIGKILL",
): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) {
    return;
  }
  // While it starts, the outer process is all that is known; it leaves SIGTERM to its child.
  process.kill(pid, pid === daemon.pid ? "SIGKILL" : signal);
  const patience = setTimeout(() => daemon.kill("SIGKILL"), stopLimit);
  await daemon.exited;
  clearTimeout(patience);
}

function collect(stream: ReadableStream<Uint8Array>): { text(): string; ended: Promise<void> } {
  let text = "";
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
    }
  };
  return { text: () => text, ended: read() };
}
