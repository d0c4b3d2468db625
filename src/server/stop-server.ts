import { setTimeout as delay } from "node:timers/promises";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { isForeignOwner, isOwnerAlive } from "../oci/run-owner.ts";
import type { ServerState } from "./server-state.ts";

const interval = 50;

type StopOptions = {
  /** Milliseconds to wait for its end. */
  readonly timeout: number;
  /** Without waiting for pushes to end. */
  readonly now: boolean;
  readonly signal: AbortSignal;
};

/**
 * Ends the server that runs on `storage`, and waits until it is gone.
 * @throws HiveError "failed" when it may not be ended by this user, or is still there after `timeout`; the signal's reason.
 */
export async function stopServer(
  storage: string,
  state: ServerState,
  { timeout, now, signal }: StopOptions,
): Promise<void> {
  if (isForeignOwner(state.owner)) {
    throw new HiveError(
      "failed",
      `The registry at ${state.url} runs in another container or host`,
      {
        hint: "Stop it there: its process can't be reached from here.",
      },
    );
  }
  terminate(state);
  // The second signal ends it at once; it has to come on its own.
  if (now) {
    await delay(interval, undefined, { signal }).catch(() => signal.throwIfAborted());
    terminate(state);
  }
  const end = performance.now() + timeout;
  while (isOwnerAlive(state.owner, storage)) {
    if (performance.now() > end) {
      throw new HiveError(
        "failed",
        `The registry (process ${state.pid}) is still running after ${Math.round(timeout / 1000)} s`,
        { hint: "Pushes may be under way: wait, or run `hive registry stop --now`." },
      );
    }
    await delay(interval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function terminate({ pid }: ServerState): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (systemErrorCode(error) === "ESRCH") return;
    throw new HiveError("failed", `Cannot end process ${pid}: ${systemErrorCode(error)}`, {
      cause: error,
      hint: "Be the user who started the registry.",
    });
  }
}
