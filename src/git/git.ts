import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { readStart } from "../base/read-start.ts";
import { searchPath } from "../base/search-path.ts";

/** The `git` program, run in one directory, for reading only. */
export type Git = {
  /** Absolute path of the program. */
  readonly program: string;
  /** Absolute; git finds the repository from here. */
  readonly directory: string;
  /** The user's, as {@link openGit} hardened it. */
  readonly environment: Environment;
};

type GitOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the call may take. Default: 20 s. */
  readonly timeout?: number;
  /** Bytes that it may print. Default: 64 MiB. */
  readonly limit?: number;
  /** What it reads on standard input. */
  readonly input?: Uint8Array;
};

export type GitResult = {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
};

/**
 * Git runs what a repository's own config names: pagers, monitors, hooks, programs for signatures, transports. Hive runs
 * in repositories that somebody else wrote, so all of it is off, whatever their config says; `test/git/hostile.test.ts`
 * has one that tries. Commands read objects only: one that looks at the work tree runs filters, so `isModified()`, which has to
 * look, switches each of them off.
 */
const settings = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.pager=cat",
  "core.alternateRefsCommand=true",
  "log.showSignature=false",
  "safe.bareRepository=explicit",
];

const variables = {
  GIT_OPTIONAL_LOCKS: "0",
  // An object that a partial clone lacks would be fetched, by whatever program its config names.
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_TERMINAL_PROMPT: "0",
  GIT_PAGER: "cat",
  GIT_NO_REPLACE_OBJECTS: "1",
  // Like replaced objects, grafts are another history than everybody else's. Nothing is there.
  GIT_GRAFT_FILE: "/dev/null/grafts",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C",
};

/** Where the user says how git finds and trusts repositories. The rest, as `GIT_DIR` in a hook, is about another call. */
const kept = /^GIT_(?:CONFIG(?:_.*)?|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/;

/** Characters. */
const stderrLimit = 10_000;

/** Finds git for calls in `directory`; undefined when it is not on PATH. */
export function openGit(directory: string, environment: Environment): Git | undefined {
  const PATH = searchPath(environment);
  const program = Bun.which("git", { PATH });
  if (program === null) return undefined;
  const users = Object.entries(environment).filter(
    ([name]) => !name.startsWith("GIT_") || kept.test(name),
  );
  return { program, directory, environment: { ...Object.fromEntries(users), PATH, ...variables } };
}

/**
 * Runs git to its end. A failing exit code is a result.
 * @throws HiveError "failed" when it takes too long or prints too much; the signal's reason when it aborts
 */
export async function runGit(
  git: Git,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  const chunks: Uint8Array[] = [];
  const { code, stderr } = await readGit(git, args, options, (chunk) => void chunks.push(chunk));
  return { code, stdout: Buffer.concat(chunks), stderr };
}

/**
 * Runs git and hands what it prints to `take`, until that returns true: it has seen enough, and git is ended.
 * @throws as {@link runGit}, and what `take` throws
 */
export async function readGit(
  git: Git,
  args: readonly string[],
  { signal, timeout = 20_000, limit = 64 * 1024 * 1024, input }: GitOptions,
  take: (chunk: Uint8Array) => boolean | void,
): Promise<{ readonly code: number; readonly stderr: string }> {
  signal?.throwIfAborted();
  const child = Bun.spawn(
    [git.program, "--no-pager", ...settings.flatMap((setting) => ["-c", setting]), ...args],
    {
      cwd: git.directory,
      env: { ...git.environment },
      stdin: input ?? "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const deadline = AbortSignal.timeout(timeout);
  const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  const kill = (): void => child.kill("SIGKILL");
  stop.addEventListener("abort", kill, { once: true });
  try {
    const stderr = readStart(child.stderr, stderrLimit);
    let size = 0;
    for await (const chunk of child.stdout) {
      size += chunk.length;
      if (size > limit) throw failed(args, `it printed more than ${limit} bytes`);
      if (take(chunk) === true) return { code: 0, stderr: "" };
    }
    const code = await child.exited;
    signal?.throwIfAborted();
    if (deadline.aborted) throw failed(args, `no answer within ${timeout / 1000} s`);
    return { code, stderr: await stderr };
  } finally {
    stop.removeEventListener("abort", kill);
    kill();
  }
}

/** What a failed call says, in one line. */
export function gitReason({ code, stderr }: Pick<GitResult, "code" | "stderr">): string {
  const line = stderr.split("\n").find((text) => text.trim() !== "") ?? `it ended with ${code}`;
  return line.replace(/^(?:fatal|error): /, "").trim();
}

function failed(args: readonly string[], reason: string): HiveError {
  return new HiveError("failed", `Cannot read the repository with "git ${args[0]}": ${reason}`);
}
