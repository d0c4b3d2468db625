import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { HiveError } from "../base/hive-error.ts";
import { currentOwner, isOwnerAlive, ownerPid, parseOwner, type RunOwner } from "./run-owner.ts";
import { systemErrorCode } from "../base/system-error.ts";

type FileLockOptions = {
  /** Milliseconds to wait for another process. Default: 30 s. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Milliseconds after its last change in which the lock of another host or container counts. Default: a day. */
  readonly foreignLifetime?: number;
  /** Makes the error of a lock that `holder`, as "process 12", has. */
  readonly held?: (holder: string) => HiveError;
};

// Longer than it takes to write a line after creating the file.
const unwrittenLifetime = 5000;

/**
 * Takes an exclusive lock between processes: a file that only one can create, with its owner in it. Works on file
 * systems without kernel locks. A lock whose owner is dead is broken. Disposing releases.
 * @throws HiveError when another process holds it for too long; the signal's reason.
 */
export async function acquireFileLock(
  path: string,
  options: FileLockOptions = {},
): Promise<Disposable> {
  const { timeout = 30_000, signal, foreignLifetime } = options;
  const text = `${currentOwner()} ${crypto.randomUUID()}`;
  const deadline = performance.now() + timeout;
  while (!tryCreate(path, text)) {
    breakStaleLock(path, foreignLifetime);
    const overdue = performance.now() - deadline;
    // What the dead left is out of the way in a while: they may have been killed while they took or broke a lock.
    const patience = isHeld(path, foreignLifetime) ? 0 : 2 * unwrittenLifetime;
    if (overdue > patience) {
      const holder = lockOwner(path);
      const name = holder === undefined ? "another process" : `process ${ownerPid(holder)}`;
      throw options.held?.(name) ?? heldTooLong(path, name, timeout);
    }
    // Spread out, so that several waiters don't come back together.
    const pause = delay(1 + Math.random() * 10, undefined, signal === undefined ? {} : { signal });
    await pause.catch(() => signal?.throwIfAborted());
  }
  return {
    [Symbol.dispose]() {
      // Not the lock of somebody who broke ours, should this process have been stopped for long.
      if (readLock(path) === text) rmSync(path, { force: true });
    },
  };
}

/** Who is named in the lock at `path`; undefined when there is none, or nobody is. */
export function lockOwner(path: string): RunOwner | undefined {
  return parseOwner((readLock(path) ?? "").split(" ")[0] ?? "");
}

/** Whether somebody alive is named in the lock. */
function isHeld(path: string, foreignLifetime: number | undefined): boolean {
  return lockOwner(path) !== undefined && staleLock(path, foreignLifetime) === undefined;
}

function tryCreate(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o644 });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    // A file that could be created but not written, on a full disk, is ours to remove.
    if (systemErrorCode(error) === "ENOSPC") rmSync(path, { force: true });
    throw error;
  }
}

/**
 * Removes a lock of a dead owner. Two processes may find it dead at the same time, and the second must not remove the
 * lock that the first has taken since: so whoever breaks it first creates a file named after that very lock.
 */
function breakStaleLock(path: string, foreignLifetime: number | undefined): void {
  const stale = staleLock(path, foreignLifetime);
  if (stale === undefined) return;
  const token = `${path}.break-${stale}`;
  if (!tryCreate(token, currentOwner())) {
    removeIfAbandoned(token);
    return;
  }
  try {
    if (staleLock(path, foreignLifetime) === stale) rmSync(path, { force: true });
  } finally {
    rmSync(token, { force: true });
  }
  sweepTokens(path);
}

/**
 * Removes what breakers left who were killed after they had removed the lock: nobody comes upon the name of that lock
 * again. Only who broke a lock looks for it, which is seldom.
 */
function sweepTokens(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${basename(path)}.break-`)) removeIfAbandoned(join(directory, name));
  }
}

/** Removes the token of a breaker that had far more time than breaking takes. */
function removeIfAbandoned(token: string): void {
  if (ageOf(token) > unwrittenLifetime) rmSync(token, { force: true });
}

/** A name for the very lock at `path` when nobody alive owns it. */
function staleLock(path: string, foreignLifetime: number | undefined): string | undefined {
  const text = readLock(path);
  if (text === undefined) return undefined;
  const [ownerText = "", nonce = ""] = text.split(" ");
  const owner = parseOwner(ownerText);
  if (owner !== undefined && /^[0-9a-f-]{36}$/.test(nonce)) {
    return isOwnerAlive(owner, path, foreignLifetime) ? undefined : nonce;
  }
  // Killed between creating and writing it, or about to write it.
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || Date.now() - stat.mtimeMs < unwrittenLifetime) return undefined;
  return `${stat.ino}-${Math.trunc(stat.mtimeMs)}`;
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}

function heldTooLong(path: string, holder: string, timeout: number): HiveError {
  return new HiveError(
    "failed",
    `Cannot lock "${path}": ${holder} has held it for more than ${Math.round(timeout / 1000)} s`,
    { hint: "Wait for the other process to end; if there is none, delete the file." },
  );
}
