import { existsSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import { type Endpoint, formatEndpoint } from "../buildkit/endpoints/endpoint.ts";
import { isContainerRunning, findContainerEngine } from "./container/container-engine.ts";
import { containerLog } from "./container/container-log.ts";
import type { DaemonPaths } from "./daemon-paths.ts";
import type { DaemonState, Way } from "./daemon-state.ts";
import { downloadRelease, releaseDirectory } from "./release/download-release.ts";
import { findBuildkitd, findLauncher, type Launcher, type Missing } from "./find-programs.ts";
import { readTail } from "../base/follow-file.ts";
import { releaseFor } from "./release/release.ts";
import {
  containerEndpoints,
  containerOf,
  ensureImage,
  runContainer,
} from "./container/run-container.ts";
import { launcherDirectory, spawnDaemon } from "./spawn-daemon.ts";

export type WayOptions = {
  readonly paths: DaemonPaths;
  readonly env: Environment;
  /** What hive.yml asks for; undefined when it does not matter. */
  readonly wanted: string | undefined;
  readonly version: string;
  readonly mirror: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/** A daemon that was started, and may not answer yet. */
export type Launched = Pick<DaemonState, "way" | "version" | "runs"> & {
  /** Where it may be found. */
  readonly endpoints: readonly Endpoint[];
  readonly hasEnded: () => boolean | Promise<boolean>;
  /** The last lines of what it said since. */
  readonly lastWords: () => Promise<string>;
};

/** All that a way needs is there. */
export type Prepared = {
  readonly how: string;
  /** What will run, where that can be told before: it is written down first, so that nothing can be left unknown. */
  readonly plan?: Pick<Launched, "way" | "version" | "runs" | "endpoints">;
  readonly launch: () => Promise<Launched>;
};

/** Looks whether a daemon can be run that way, and gets what it takes. @throws HiveError what broke on the way */
export const ways: Readonly<Record<Way, (options: WayOptions) => Promise<Prepared | Missing>>> = {
  container: prepareContainer,
  path: preparePath,
  download: prepareDownload,
};

const tailLines = 20;

async function prepareContainer(options: WayOptions): Promise<Prepared | Missing> {
  const { env, paths, signal, version } = options;
  const found = await findContainerEngine(env, signal);
  if ("missing" in found) return found;
  try {
    await ensureImage(found.engine, options);
  } catch (error) {
    await found[Symbol.asyncDispose]();
    signal.throwIfAborted();
    if (error instanceof HiveError && error.kind === "unreachable") {
      return { missing: errorMessage(error) };
    }
    throw error;
  }
  const runs = containerOf(found, paths);
  const plan = {
    way: "container",
    version,
    runs,
    endpoints: containerEndpoints(found, paths),
  } as const;
  return {
    how: `in a container of ${found.engine.address}`,
    plan,
    async launch() {
      await using _ = found;
      await runContainer(found, paths, options);
      return {
        ...plan,
        hasEnded: async () => !(await isContainerRunning(runs, env)),
        lastWords: async () => {
          const log = containerLog(runs, { env, lines: tailLines, signal });
          return (await Array.fromAsync(log)).join("");
        },
      };
    },
  };
}

async function preparePath(options: WayOptions): Promise<Prepared | Missing> {
  const { env, paths, wanted } = options;
  const linux = linuxOnly();
  if (linux !== undefined) return linux;
  const found = await findBuildkitd(env);
  if ("missing" in found) return found;
  const { program, version } = found;
  if (wanted !== undefined && version !== wanted) {
    return { missing: `${program} is ${version}, and hive.yml asks for ${wanted}` };
  }
  const launcher = await findLauncher(env, launcherDirectory(paths));
  if ("missing" in launcher) return launcher;
  return {
    how: `${launcher.rootless ? "rootless, " : ""}by ${program}`,
    launch: async () => await launchProcess("path", program, launcher, { ...options, version }),
  };
}

async function prepareDownload(options: WayOptions): Promise<Prepared | Missing> {
  const { env, paths, version } = options;
  const linux = linuxOnly();
  if (linux !== undefined) return linux;
  const release = releaseFor(version);
  if (release === undefined) return { missing: `there is no release for ${process.arch}` };
  // Before anything is downloaded that can't be run.
  const launcher = await findLauncher(env, launcherDirectory(paths));
  if ("missing" in launcher) return launcher;
  const known = existsSync(releaseDirectory(paths.releases, release));
  const directory = await downloadRelease(release, paths.releases, options);
  const program = `${directory}/buildkitd`;
  return {
    how: `${launcher.rootless ? "rootless, " : ""}by the ${known ? "" : "new "}release in ${directory}`,
    launch: async () => await launchProcess("download", program, launcher, options),
  };
}

async function launchProcess(
  way: Way,
  program: string,
  launcher: Launcher,
  { paths, env, version }: WayOptions,
): Promise<Launched> {
  const { runs, hasEnded, logStart } = await spawnDaemon(program, launcher, paths, env);
  return {
    way,
    version,
    runs,
    endpoints: [{ kind: "unix", path: paths.socket }],
    hasEnded,
    lastWords: async () => (await readTail(paths.log, tailLines, logStart)).text,
  };
}

function linuxOnly(): Missing | undefined {
  return process.platform === "linux" ? undefined : { missing: "buildkitd runs on Linux alone" };
}

/** What is written down of it as soon as it was started. */
export function firstState(
  { way, version, runs, endpoints }: NonNullable<Prepared["plan"]>,
  temporary: boolean,
): DaemonState {
  const [first] = endpoints;
  return {
    way,
    version,
    runs,
    temporary,
    address: first === undefined ? "" : formatEndpoint(first),
    started: new Date().toISOString(),
  };
}
