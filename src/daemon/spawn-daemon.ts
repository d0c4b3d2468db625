import { closeSync, openSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { fileSize } from "../base/file-size.ts";
import { ownerOf } from "../oci/run-owner.ts";
import { daemonEnvironment } from "./daemon-environment.ts";
import type { DaemonPaths } from "./daemon-paths.ts";
import type { DaemonProcess } from "./daemon-state.ts";
import type { Launcher } from "./find-programs.ts";
import { renderConfig } from "./render-config.ts";

/** A process that was just started, and need not answer yet. */
export type SpawnedDaemon = {
  readonly runs: DaemonProcess;
  /** Whether it has ended. */
  readonly hasEnded: () => boolean;
  /** Where in the log its own words begin. */
  readonly logStart: number;
};

/** A log that is bigger is put aside at the next start. */
const maxLogSize = 16 * 1024 * 1024;

/** The state of rootlesskit, which it makes anew at each start. */
export function launcherDirectory({ run }: DaemonPaths): string {
  return join(run, "rootlesskit");
}

/** Starts `program`, a buildkitd, out of the terminal's reach; its words go to the log. Nothing is waited for. */
export async function spawnDaemon(
  program: string,
  { command, rootless }: Launcher,
  paths: DaemonPaths,
  env: Environment,
): Promise<SpawnedDaemon> {
  await writeFile(paths.config, renderConfig(paths), { mode: 0o600 });
  // Of one that was killed.
  await rm(paths.run, { recursive: true, force: true });
  await mkdir(paths.run, { mode: 0o700 });
  if ((await fileSize(paths.log)) > maxLogSize) await rename(paths.log, `${paths.log}.1`);
  const logStart = await fileSize(paths.log);
  const log = openSync(paths.log, "a", 0o600);
  try {
    const child = Bun.spawn([...command, program, "--config", paths.config], {
      cwd: "/",
      env: {
        ...daemonEnvironment(env, [dirname(program)]),
        // Where runc keeps what it runs; the usual place is root's, and a session's directory may not be there.
        ...(rootless ? { XDG_RUNTIME_DIR: paths.run } : {}),
      },
      stdin: "ignore",
      stdout: log,
      stderr: log,
      detached: true,
    });
    child.unref();
    return {
      runs: { kind: "process", owner: ownerOf(child.pid), rootless },
      hasEnded: () => child.exitCode !== null || child.signalCode !== null,
      logStart,
    };
  } finally {
    closeSync(log);
  }
}
