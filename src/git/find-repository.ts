import { realpath } from "node:fs/promises";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { type Git, gitReason, openGit, runGit } from "./git.ts";

/** The git repository that a directory is in, at one moment. */
export type Repository = {
  /** Runs in the directory. */
  readonly git: Git;
  /** Absolute real path of the work tree. */
  readonly topLevel: string;
  /** The directory below `topLevel`: empty, or ending with `/`. */
  readonly prefix: string;
  /** The commit that is checked out, hexadecimal. */
  readonly head: string;
  /** Whether older commits are missing. */
  readonly shallow: boolean;
  /** How objects are named. */
  readonly hash: "sha1" | "sha256";
};

/**
 * The repository that `directory` is in, asked with one call. Undefined when there is none, or no commit yet, or no git.
 * @throws HiveError "failed" when git refuses to read it
 */
export async function findRepository(
  directory: string,
  environment: Environment,
  signal?: AbortSignal,
): Promise<Repository | undefined> {
  const git = openGit(directory, environment);
  if (git === undefined) return undefined;
  // The prefix comes last: it may have anything in it.
  const result = await runGit(
    git,
    ["rev-parse", "--is-shallow-repository", "--show-object-format", "HEAD", "--show-prefix"],
    { signal },
  );
  const [shallow, hash, head = "", ...prefix] = new TextDecoder().decode(result.stdout).split("\n");
  if (result.code !== 0) {
    if (/not a git repository|unknown revision|ambiguous argument/.test(result.stderr)) return;
    throw refused(directory, result);
  }
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(head)) return undefined;
  const below = prefix.slice(0, -1).join("\n");
  const real = `${await realpath(directory)}/`;
  if (!real.endsWith(`/${below}`)) return undefined;
  return {
    git,
    topLevel: real.slice(0, real.length - below.length - 1) || "/",
    prefix: below,
    head,
    shallow: shallow === "true",
    hash: hash === "sha256" ? "sha256" : "sha1",
  };
}

function refused(directory: string, result: { code: number; stderr: string }): HiveError {
  const dubious = /dubious ownership/.test(result.stderr);
  return new HiveError(
    "failed",
    `Cannot read the git repository of "${directory}": ${gitReason(result)}`,
    dubious
      ? {
          hint: `If you trust it: git config --global --add safe.directory ${JSON.stringify(directory)}`,
        }
      : {},
  );
}
