import { requireEnv } from "./require-env.ts";
import { waitUntil } from "./wait-until.ts";

export type HiveResult = {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type HiveOptions = {
  readonly cwd?: string;
  /** Added to the environment of the tests; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What comes on standard input. Default: nothing. */
  readonly stdin?: string;
  /** Interrupts the run: SIGINT, as Ctrl-C would. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the run is killed and the test fails. Default: 120 s. */
  readonly deadline?: number;
  /** The command that is Hive. Default: the compiled binary that HIVE_BINARY names. */
  readonly program?: readonly string[];
};

export type RunningHive = {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** What came on stdout and stderr so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout or stderr has `text`; rejects when the run ends without it. */
  prints(text: string | RegExp): Promise<void>;
  /** Rejects with what was printed when the deadline passes. */
  readonly result: Promise<HiveResult>;
};

/** Runs Hive to its end. A failing exit code is a result, not an error. */
export function runHive(args: readonly string[], options: HiveOptions = {}): Promise<HiveResult> {
  return startHive(args, options).result;
}

/** Starts Hive and leaves it running, for tests that interrupt or watch it. Await `result`. */
export function startHive(args: readonly string[], options: HiveOptions = {}): RunningHive {
  const deadline = options.deadline ?? 120_000;
  const program = options.program ?? [requireEnv("HIVE_BINARY")];
  const hive = Bun.spawn([...program, ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdin: options.stdin === undefined ? "ignore" : Buffer.from(options.stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = { stdout: "", stderr: "" };
  const all = (): string => output.stdout + output.stderr;
  let ended = false;

  const read = async (name: "stdout" | "stderr"): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of hive[name]) {
      output[name] += decoder.decode(chunk, { stream: true });
    }
  };
  const finish = async (): Promise<HiveResult> => {
    const interrupt = (): void => hive.kill("SIGINT");
    options.signal?.addEventListener("abort", interrupt, { once: true });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      hive.kill("SIGKILL");
    }, deadline);
    try {
      await Promise.all([read("stdout"), read("stderr"), hive.exited]);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", interrupt);
      ended = true;
    }
    if (late) {
      throw new Error(
        `"hive ${args.join(" ")}" did not end in ${deadline / 1000} s. It printed:\n${all()}`,
      );
    }
    return {
      exitCode: hive.exitCode,
      signalCode: hive.signalCode as NodeJS.Signals | null,
      ...output,
    };
  };

  return {
    pid: hive.pid,
    kill: (signal) => hive.kill(signal),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    async prints(text) {
      await waitUntil(`hive prints ${String(text)}`, deadline, () => {
        // Read before the look: what was printed last counts.
        const over = ended;
        if (typeof text === "string" ? all().includes(text) : text.test(all())) {
          return true;
        }
        if (over) {
          throw new Error(
            `"hive ${args.join(" ")}" ended without printing ${String(text)}. It printed:\n${all()}`,
          );
        }
        return undefined;
      });
    },
    result: finish(),
  };
}
