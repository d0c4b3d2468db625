import { rm } from "node:fs/promises";
import type { Environment } from "../base/environment.ts";
import type { DaemonPaths } from "./daemon-paths.ts";
import { endDaemonProcess, endStrays } from "./daemon-processes.ts";
import {
  type DaemonState,
  isDaemonAlive,
  readDaemonState,
  removeDaemonState,
} from "./daemon-state.ts";
import { removeContainer } from "./container/run-container.ts";

export type StopOptions = {
  readonly env: Environment;
  /** Milliseconds for what is under way; then it is killed. */
  readonly grace: number;
};

/**
 * Ends what runs, and everything below it; the cache stays. The caller holds the lock.
 * @returns what ran; undefined when nothing did
 * @throws HiveError when it can't be ended
 */
export async function stopDaemon(
  paths: DaemonPaths,
  options: StopOptions,
): Promise<DaemonState | undefined> {
  const state = await readDaemonState(paths);
  const alive = state !== undefined && (await isDaemonAlive(paths, state, options.env));
  if (state !== undefined) await endDaemon(paths, state, options);
  await endStrays(paths.config);
  return alive ? state : undefined;
}

/** Ends a daemon that may be dead already, and forgets it. */
export async function endDaemon(
  paths: DaemonPaths,
  state: DaemonState,
  { env, grace }: StopOptions,
): Promise<void> {
  const { runs } = state;
  if (runs.kind === "process") {
    // What has its pid by now, and what runs below that, is none of ours.
    if (await isDaemonAlive(paths, state, env)) await endDaemonProcess(runs, paths.state, grace);
  } else await removeContainer(runs, env, Math.round(grace / 1000));
  await removeDaemonState(paths);
  await rm(paths.run, { recursive: true, force: true });
}
