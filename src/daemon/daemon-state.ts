import { rm } from "node:fs/promises";
import type { Environment } from "../base/environment.ts";
import { readOptionalText } from "../base/read-optional-text.ts";
import { createDialer } from "../buildkit/dialers/dialer.ts";
import { type Endpoint, parseEndpoint } from "../buildkit/endpoints/endpoint.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import { isRecord } from "../base/is-record.ts";
import { isForeignOwner, isOwnerAlive, parseOwner, type RunOwner } from "../oci/run-owner.ts";
import { storageError } from "../base/storage-error.ts";
import { isContainerRunning } from "./container/container-engine.ts";
import { type DaemonPaths, isOwn } from "./daemon-paths.ts";

/** How a BuildKit comes to run. */
export type Way = "container" | "path" | "download";

/** What hive started: `buildkitd.json`. That it is there does not say that it still runs. */
export type DaemonState = {
  readonly way: Way;
  /** As BUILDKIT_HOST has it. */
  readonly address: string;
  /** `v0.32.2`: what was asked for, and once it answers what it says itself. */
  readonly version: string;
  /** When, in ISO 8601. */
  readonly started: string;
  /** Runs for builds, and ends with the last one. */
  readonly temporary: boolean;
  readonly runs: DaemonProcess | DaemonContainer;
};

/** A daemon that runs as a process of this machine. */
export type DaemonProcess = {
  readonly kind: "process";
  /** What hive started, with everything else below it. */
  readonly owner: RunOwner;
  readonly rootless: boolean;
};

/** A daemon that runs in a container; its cache is a volume of the same name. */
export type DaemonContainer = {
  readonly kind: "container";
  readonly engine: "docker" | "podman";
  /** The engine's address, as DOCKER_HOST has it. */
  readonly host: string;
  readonly name: string;
};

/** Milliseconds. */
const listenTime = 1_000;

/**
 * What was started last, running or not; what can't be understood, or another user wrote, counts as nothing: builds would go
 * where it says, and what it names would be ended.
 * @throws HiveError "failed"
 */
export async function readDaemonState({
  directory,
  state,
}: DaemonPaths): Promise<DaemonState | undefined> {
  if (!isOwn(directory) || !isOwn(state)) return undefined;
  const text = await readOptionalText(state, { kind: "failed" });
  return text === undefined ? undefined : parseState(text);
}

/** @throws HiveError "failed" */
export async function writeDaemonState(
  { state: path, directory }: DaemonPaths,
  state: DaemonState,
): Promise<void> {
  try {
    await writeFileAtomically(path, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw storageError(error, directory);
  }
}

/** Forgets what was started. */
export async function removeDaemonState({ state }: DaemonPaths): Promise<void> {
  await rm(state, { force: true });
}

/** Whether it is there. It may hang all the same. */
export async function isDaemonAlive(
  { state: path }: DaemonPaths,
  state: DaemonState,
  env: Environment,
): Promise<boolean> {
  const { runs } = state;
  if (runs.kind === "container") return await isContainerRunning(runs, env);
  // Nobody can ask for a process of another container or host, and the file may come from a cache of CI.
  return isForeignOwner(runs.owner) ? await isListening(state) : isOwnerAlive(runs.owner, path);
}

async function isListening(state: DaemonState): Promise<boolean> {
  try {
    await using dialer = await createDialer(daemonEndpoint(state), { env: {} });
    (await dialer.dial({ timeout: listenTime })).close();
    return true;
  } catch {
    return false;
  }
}

/** Where it listens. */
export function daemonEndpoint({ address }: DaemonState): Endpoint {
  return parseEndpoint(address);
}

function parseState(text: string): DaemonState | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(document)) return undefined;
  const { way, address, version, started, temporary } = document;
  const runs = parseRuns(document["runs"]);
  if (way !== "container" && way !== "path" && way !== "download") return undefined;
  if (typeof address !== "string" || typeof version !== "string" || runs === undefined) {
    return undefined;
  }
  if (typeof started !== "string" || Number.isNaN(Date.parse(started))) return undefined;
  return { way, address, version, started, temporary: temporary === true, runs };
}

function parseRuns(runs: unknown): DaemonState["runs"] | undefined {
  if (!isRecord(runs)) return undefined;
  const { kind, owner: text, rootless, engine, host, name } = runs;
  if (kind === "process") {
    const owner = typeof text === "string" ? parseOwner(text) : undefined;
    return owner === undefined ? undefined : { kind, owner, rootless: rootless === true };
  }
  if (kind !== "container" || (engine !== "docker" && engine !== "podman")) return undefined;
  if (typeof host !== "string" || typeof name !== "string") return undefined;
  return { kind, engine, host, name };
}
