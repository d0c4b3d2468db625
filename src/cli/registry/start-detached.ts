import { closeSync, openSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { HiveError } from "../../base/hive-error.ts";
import { fileSize } from "../../base/file-size.ts";
import { readTail } from "../../base/follow-file.ts";
import { readServerState, type ServerState } from "../../server/server-state.ts";
import type { App } from "../app.ts";
import { serverLog } from "./log-files.ts";

// A big store takes its time to be read.
const startTimeout = 120_000;
const interval = 50;
/** A log that is bigger is put aside at the next start. */
const maxLogSize = 16 * 1024 * 1024;

/**
 * Runs this very command again, in the background and out of the terminal's reach, and waits until it listens.
 * @param args its arguments, without the program's own name
 * @throws HiveError "failed" with the end of its log when it does not start.
 */
export async function startDetached(
  { env, cwd, signal }: Pick<App, "env" | "cwd" | "signal">,
  storage: string,
  args: readonly string[],
): Promise<ServerState> {
  const log = serverLog(storage);
  await mkdir(storage, { recursive: true, mode: 0o700 });
  await putAside(log);
  const start = await fileSize(log);
  const file = openSync(log, "a", 0o640);
  const child = Bun.spawn([...program(), ...args], {
    cwd,
    env,
    stdin: "ignore",
    stdout: file,
    stderr: file,
    detached: true,
  });
  closeSync(file);
  try {
    const state = await waitForState(storage, child, signal);
    child.unref();
    if (state !== undefined) return state;
  } catch (error) {
    child.kill();
    throw error;
  }
  const { text } = await readTail(log, 20, start);
  const reason = text.trim();
  throw new HiveError(
    "failed",
    `The registry did not start${reason === "" ? "" : `:\n${reason}`}`,
    {
      hint: `Its log is "${log}". Without --detach it says more.`,
    },
  );
}

/** Undefined when it ended, or does not listen in time. */
async function waitForState(
  storage: string,
  child: Bun.Subprocess,
  signal: AbortSignal,
): Promise<ServerState | undefined> {
  const end = performance.now() + startTimeout;
  while (performance.now() < end && child.exitCode === null && child.signalCode === null) {
    const state = await readServerState(storage);
    if (state?.pid === child.pid) return state;
    await delay(interval, undefined, { signal });
  }
  child.kill();
  return undefined;
}

/** The compiled binary, or Bun with the script that it runs. */
function program(): string[] {
  return Bun.main.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, Bun.main];
}

async function putAside(log: string): Promise<void> {
  if ((await fileSize(log)) > maxLogSize) await rename(log, `${log}.1`);
}
