import type { DaemonPaths } from "../../daemon/daemon-paths.ts";
import type { DaemonState } from "../../daemon/daemon-state.ts";
import { ownerPid } from "../../oci/run-owner.ts";

/** What `--json` prints of the daemon that hive runs. */
export type DaemonDescription = {
  readonly running: true;
  readonly address: string;
  readonly version: string;
  readonly with: DaemonState["way"];
  readonly rootless: boolean;
  readonly started: string;
  readonly temporary: boolean;
  readonly pid?: number;
  readonly container?: string;
  readonly engine?: string;
  /** The directory, or the volume, that holds the cache. */
  readonly cache: string;
  /** A file; a container's log is its engine's. */
  readonly log?: string;
};

/** A daemon's state as it is printed. */
export function describeDaemon(state: DaemonState, paths: DaemonPaths): DaemonDescription {
  const { address, version, way, started, temporary, runs } = state;
  const common = { running: true, address, version, with: way, started, temporary } as const;
  return runs.kind === "process"
    ? {
        ...common,
        rootless: runs.rootless,
        pid: ownerPid(runs.owner),
        cache: paths.root,
        log: paths.log,
      }
    : {
        ...common,
        rootless: false,
        container: runs.name,
        engine: runs.host,
        cache: `volume ${runs.name}`,
      };
}

/** How it runs, in words. */
export function describeWay({ way, runs }: DaemonState): string {
  if (runs.kind === "container") return `container ${runs.name} of ${runs.host}`;
  const program = way === "path" ? "buildkitd on PATH" : "downloaded release";
  return `process ${ownerPid(runs.owner)}, ${program}${runs.rootless ? ", rootless" : ""}`;
}
