import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { isMissingFile } from "../base/system-error.ts";
import type { ByteStream } from "../http2/byte-stream.ts";
import { connectSocket } from "../http2/connect-socket.ts";
import { explainSsh, type SshTarget, sshEnded } from "./explain-ssh.ts";
import { startSsh, type SshProcess } from "./ssh-process.ts";

/** A socket of another machine, here. Dispose it to end the ssh connection. */
export type SshForward = AsyncDisposable & {
  /** A socket of this machine that only this user can open. */
  readonly path: string;
  /**
   * Connects through it. ssh takes every connection and closes those that fail over there: the stream then ends with a
   * HiveError "unreachable" that has ssh's words.
   * @throws HiveError "unreachable" when ssh is over; the signal's reason
   */
  connect(options: {
    readonly signal?: AbortSignal | undefined;
    readonly timeout: number;
  }): Promise<ByteStream>;
  /** For those who connect to {@link path} themselves: why a connection was closed, as far as ssh told of late. */
  explain(): Promise<HiveError | undefined>;
  /** Whether ssh has ended, and the socket with it. */
  readonly isOver: () => boolean;
};

export type ForwardOptions = SshTarget & {
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Lets ssh ask for a password or about a host's key, at the terminal. */
  readonly interactive?: boolean;
};

/** ssh has this long to get there, and people to type what it asks for. Milliseconds. */
const patience = { alone: 30_000, interactive: 180_000 };
const connectSeconds = 10;
const pollInterval = 20;
/** What ssh says of a connection comes by another way than the connection's end. */
const wordsDelay = 250;

/**
 * Starts the user's `ssh`, with the user's settings, to forward a socket of another machine, and waits until it is there.
 * No command runs over there, so an account without a shell will do.
 * @throws HiveError "usage" for a path that ssh would take for something else and without an ssh on PATH; "unreachable"
 * with ssh's words; the signal's reason
 */
export async function forwardSocket(options: ForwardOptions): Promise<SshForward> {
  const { env, signal, interactive = false } = options;
  const target: SshTarget = {
    ...options,
    destination: options.destination.replace(/\[([^\]]*)\]$/, "$1"),
  };
  // ssh separates the two paths by a colon and replaces %h and ${HOME} in them.
  if (!isPlainPath(target.remotePath) || target.destination.startsWith("-")) {
    throw new HiveError("usage", `Cannot forward "${target.remotePath}" by ssh`, {
      hint: "The socket needs an absolute path of letters, digits and . _ - + @ = , only.",
    });
  }
  signal?.throwIfAborted();
  const directory = await privateDirectory(env);
  const path = join(directory, "s");
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const ssh = stack.use(startSsh(argumentsOf(target, path, interactive), { env, directory }));
  await listening(path, ssh, target, {
    signal,
    limit: interactive ? patience.interactive : patience.alone,
  });
  const owned = stack.move();

  async function explain(mark?: number): Promise<HiveError | undefined> {
    const before = explainSsh(ssh.words(mark), target);
    if (before !== undefined) return before;
    await Promise.race([ssh.exited, Bun.sleep(wordsDelay)]);
    return ssh.isOver() ? sshEnded(ssh.words(), target) : explainSsh(ssh.words(mark), target);
  }

  return {
    path,
    explain: () => explain(),
    isOver: ssh.isOver,
    async connect({ signal: abort, timeout }) {
      const mark = ssh.mark();
      try {
        const address = { kind: "unix", path } as const;
        const stream = await connectSocket(address, { signal: abort, timeoutMs: timeout });
        return explained(stream, () => explain(mark));
      } catch (error) {
        abort?.throwIfAborted();
        throw (await explain(mark)) ?? error;
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function argumentsOf(
  { destination, port, remotePath }: SshTarget,
  path: string,
  interactive: boolean,
): string[] {
  const settings = {
    BatchMode: interactive ? "no" : "yes",
    ConnectTimeout: connectSeconds,
    // A network that goes away is noticed within a minute.
    ServerAliveInterval: 15,
    ServerAliveCountMax: 3,
    // A connection of the user's own would keep the socket when we are gone.
    ControlMaster: "no",
    ControlPath: "none",
    ForwardAgent: "no",
    ForwardX11: "no",
    PermitLocalCommand: "no",
    StreamLocalBindUnlink: "yes",
    // Ours can't fail in a new directory, and those of the user's settings for the host may: another ssh has them.
    ExitOnForwardFailure: "no",
    LogLevel: "INFO",
  };
  return [
    "-N",
    "-T",
    "-L",
    `${path}:${remotePath}`,
    ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    "--",
    destination,
  ];
}

async function listening(
  path: string,
  ssh: SshProcess,
  target: SshTarget,
  { signal, limit }: { readonly signal: AbortSignal | undefined; readonly limit: number },
): Promise<void> {
  const start = performance.now();
  while (!(await isThere(path))) {
    signal?.throwIfAborted();
    if (ssh.isOver()) throw sshEnded(ssh.words(), target);
    if (performance.now() - start > limit) {
      throw explainSsh(ssh.words(), target) ?? sshSilent(limit);
    }
    await Promise.race([ssh.exited, Bun.sleep(pollInterval)]);
  }
}

function sshSilent(limit: number): HiveError {
  return new HiveError("unreachable", `ssh did not get there within ${limit / 1000} s`, {
    hint: "Does it ask for something? Without a terminal it needs a key that needs no password.",
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw error;
  }
}

/** Only this user can enter it. The system's own limit for a socket's path is some hundred characters. */
async function privateDirectory(env: Environment): Promise<string> {
  const candidates = [env["XDG_RUNTIME_DIR"] ?? "", tmpdir(), "/tmp"];
  for (const parent of candidates.filter((path) => isPlainPath(path) && path.length < 70)) {
    try {
      return await mkdtemp(join(parent, "hive-ssh-"));
    } catch {
      // The next one may be writable.
    }
  }
  throw new HiveError("usage", "There is no directory for a socket", {
    hint: "Set TMPDIR to a directory that you may write to, of a short name.",
  });
}

function isPlainPath(path: string): boolean {
  return /^\/[\w./+@=,-]*$/.test(path);
}

/** The stream with an end that says what ssh knows of it. */
function explained(stream: ByteStream, explain: () => Promise<HiveError | undefined>): ByteStream {
  let isClosed = false;
  return {
    start(handlers) {
      stream.start({
        data: (chunk) => handlers.data(chunk),
        drain: () => handlers.drain(),
        end(error) {
          if (isClosed) return handlers.end(error);
          void (async () => handlers.end((await explain()) ?? error))();
        },
      });
    },
    write: (chunk) => stream.write(chunk),
    close() {
      isClosed = true;
      stream.close();
    },
  };
}
