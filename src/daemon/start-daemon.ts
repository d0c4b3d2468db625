import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { printableLines } from "../base/printable.ts";
import { formatEndpoint } from "../buildkit/endpoints/endpoint.ts";
import { awaitDaemon } from "./await-daemon.ts";
import type { DaemonPaths } from "./daemon-paths.ts";
import { endStrays } from "./daemon-processes.ts";
import {
  daemonEndpoint,
  type DaemonState,
  isDaemonAlive,
  readDaemonState,
  removeDaemonState,
  type Way,
  writeDaemonState,
} from "./daemon-state.ts";
import { findReason } from "./find-reason.ts";
import type { Missing } from "./find-programs.ts";
import { firstState, type Launched, type Prepared, ways, type WayOptions } from "./prepare-ways.ts";
import { defaultVersion, isTooOld, oldestVersion } from "./release/release.ts";
import { endDaemon } from "./stop-daemon.ts";

export type StartOptions = {
  readonly env: Environment;
  /** `auto`: the first that is there of a container, `buildkitd` on PATH, the release. */
  readonly with: Way | "auto";
  /** What hive.yml asks for: `v0.32.2`. */
  readonly version: string | undefined;
  /** Where to download from instead of the project's own releases. */
  readonly mirror: string | undefined;
  /** Whether it is to run for builds alone. One that runs for longer stays so. */
  readonly temporary: boolean;
  /** Milliseconds until it has to answer, once it was started. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Tells somebody who waits what is going on. */
  readonly say: (text: string) => void;
};

/** Milliseconds for one that runs already to answer. */
const answerLimit = 15_000;

/**
 * Makes sure that a daemon runs and answers. The caller holds the lock.
 * @returns what runs, and whether it did before
 * @throws HiveError "unreachable" with what was tried, or with the daemon's last words; "failed"; the signal's reason
 */
export async function startDaemon(
  paths: DaemonPaths,
  options: StartOptions,
): Promise<{ readonly state: DaemonState; readonly wasRunning: boolean }> {
  const running = await findRunning(paths, options);
  if (running !== undefined) return { state: running, wasRunning: true };
  // What a killed start, or a daemon that died, left.
  await endStrays(paths.config);
  const dead = await readDaemonState(paths);
  // Its engine may be gone by now.
  if (dead !== undefined)
    await endDaemon(paths, dead, { env: options.env, grace: 0 }).catch(() => undefined);
  await removeDaemonState(paths);
  const prepared = await prepare(paths, options);
  options.say(`Starting BuildKit ${prepared.how}`);
  const launched = await launch(prepared, paths, options);
  return { state: await waitFor(launched, paths, options), wasRunning: false };
}

async function launch(
  { plan, launch: run }: Prepared,
  paths: DaemonPaths,
  { env, temporary }: StartOptions,
): Promise<Launched> {
  if (plan === undefined) return await run();
  const state = firstState(plan, temporary);
  await writeDaemonState(paths, state);
  try {
    return await run();
  } catch (error) {
    await endDaemon(paths, state, { env, grace: 0 }).catch(() => undefined);
    throw error;
  }
}

async function findRunning(
  paths: DaemonPaths,
  { env, signal, temporary }: StartOptions,
): Promise<DaemonState | undefined> {
  const known = await readDaemonState(paths);
  if (known === undefined || !(await isDaemonAlive(paths, known, env))) return undefined;
  const endpoint = daemonEndpoint(known);
  const answer = await awaitDaemon([endpoint], {
    env,
    signal,
    limit: answerLimit,
    hasEnded: async () => !(await isDaemonAlive(paths, known, env)),
  });
  if (answer === undefined) {
    if (!(await isDaemonAlive(paths, known, env))) return undefined;
    throw new HiveError(
      "unreachable",
      `BuildKit runs at ${known.address}, but does not answer within ${answerLimit / 1000} s`,
      { hint: "Run `hive dev buildkitd stop`, then start it again. Its cache is kept." },
    );
  }
  const state = {
    ...known,
    version: answer.version,
    temporary: known.temporary && temporary,
  };
  await writeDaemonState(paths, state);
  return state;
}

/** The first way for which all is there; says which it is when others were not. */
async function prepare(paths: DaemonPaths, options: StartOptions): Promise<Prepared> {
  const { env, version, mirror, signal, say } = options;
  // The program on PATH is what the user has.
  if (version !== undefined && options.with !== "path" && isTooOld(version)) {
    throw new HiveError("usage", `Cannot run BuildKit ${version}: what it builds can break out`, {
      hint: `hive.yml asks for it. Ask for ${oldestVersion} or newer there, or run one of your own and name it by --buildkit.`,
    });
  }
  const chosen: readonly Way[] =
    options.with === "auto" ? ["container", "path", "download"] : [options.with];
  const wayOptions: WayOptions = {
    paths,
    env,
    // Whoever names the program on PATH wants that one.
    wanted: options.with === "path" ? undefined : version,
    version: version ?? defaultVersion,
    mirror,
    signal,
    say,
  };
  const reasons: string[] = [];
  for (const way of chosen) {
    const prepared = await attempt(way, wayOptions, chosen.length > 1);
    if (!("missing" in prepared)) {
      for (const reason of reasons) say(reason);
      return prepared;
    }
    reasons.push(`No ${names[way]}: ${prepared.missing}`);
  }
  throw new HiveError("unreachable", `Cannot start BuildKit:\n  ${reasons.join("\n  ")}`, {
    hint: whatToDo(options.with),
  });
}

const names = {
  container: "container",
  path: "buildkitd of this machine",
  download: "downloaded release",
} as const satisfies Record<Way, string>;

const engineNeeded = "a Docker Engine or Podman that this user may use";
const rightsNeeded =
  "root, or rootlesskit and uidmap with lines for this user in /etc/subuid and /etc/subgid";

function whatToDo(way: Way | "auto"): string {
  switch (way) {
    case "auto":
      return `Any one of these will do:\n  ${engineNeeded}\n  ${rightsNeeded}; and buildkitd with runc, or access to its releases`;
    case "container":
      return `It takes ${engineNeeded}. Leave out --with to have the other ways tried, too.`;
    case "path":
    case "download": {
      const program = way === "path" ? "buildkitd with runc on PATH" : "access to its releases";
      return `It takes ${rightsNeeded}; and ${program}. Leave out --with to have the other ways tried, too.`;
    }
  }
}

/** Among several, one that breaks counts as one that is not there. */
async function attempt(
  way: Way,
  options: WayOptions,
  several: boolean,
): Promise<Prepared | Missing> {
  try {
    return await ways[way](options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (several && error instanceof HiveError && error.kind === "unreachable") {
      const lines = [error.message, ...(error.hint === undefined ? [] : [error.hint])];
      return { missing: lines.join("\n").replaceAll("\n", "\n    ") };
    }
    throw error;
  }
}

async function waitFor(
  launched: Launched,
  paths: DaemonPaths,
  { env, signal, limit, temporary }: StartOptions,
): Promise<DaemonState> {
  const state = firstState(launched, temporary);
  try {
    await writeDaemonState(paths, state);
    const answer = await awaitDaemon(launched.endpoints, {
      env,
      signal,
      limit,
      hasEnded: launched.hasEnded,
    });
    if (answer !== undefined) {
      const { endpoint, version } = answer;
      const ready = { ...state, version, address: formatEndpoint(endpoint) };
      await writeDaemonState(paths, ready);
      return ready;
    }
    throw await notStarted(launched, limit);
  } catch (error) {
    await endDaemon(paths, state, { env, grace: 0 });
    throw error;
  }
}

async function notStarted({ hasEnded, lastWords }: Launched, limit: number): Promise<HiveError> {
  const ended = await hasEnded();
  const words = printableLines((await lastWords().catch(() => "")).trim());
  const reason = ended
    ? (findReason(words) ?? "it ended at once")
    : `it does not answer within ${Math.round(limit / 1000)} s`;
  const log = words.join("\n");
  return new HiveError(
    "unreachable",
    `BuildKit did not start: ${reason}${log === "" ? "" : `\n${log}`}`,
    { hint: /\bsub[ug]id/.test(reason) ? subordinateHint : otherWay },
  );
}

const otherWay = "Another way to run it may work: --with=container, path or download.";
const subordinateHint =
  "Give this user ids for containers, lines in /etc/subuid and /etc/subgid: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 <user>";
