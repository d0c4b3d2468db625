import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../base/environment.ts";
import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";
import { printable } from "../../base/printable.ts";
import type { Endpoint } from "../../buildkit/endpoints/endpoint.ts";
import { EngineRefusal } from "../../docker/engine-refusal.ts";
import type { Engine } from "../../docker/engine.ts";
import { progressMessages } from "../../docker/progress-messages.ts";
import {
  callEngine,
  engineOf,
  type FoundEngine,
  inspectContainer,
  refusal,
} from "./container-engine.ts";
import { proxySettings } from "../daemon-environment.ts";
import type { DaemonPaths } from "../daemon-paths.ts";
import type { DaemonContainer } from "../daemon-state.ts";
import { cacheLimits } from "../render-config.ts";

type ContainerOptions = {
  readonly version: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/** Milliseconds until an engine begins to answer: it asks a registry before that. */
const pullPatience = 120_000;
const createPatience = 60_000;
/** How often a name that is taken is made free again, and the milliseconds between. */
const mostConflicts = 20;
const conflictPause = 250;

/** The image of a version. The registry is named: Podman knows no default. */
export function buildkitImage(version: string): string {
  return `docker.io/moby/buildkit:${version}`;
}

/**
 * The container's name, and its volume's: another one for each directory and machine, for an engine can be shared.
 */
function containerName({ directory }: DaemonPaths): string {
  const hash = createHash("sha256").update(`${hostname()} ${directory}`).digest("hex");
  return `hive-buildkitd-${hash.slice(0, 8)}`;
}

/** Makes sure that the engine has the image. @throws HiveError "unreachable" when it can't be pulled */
export async function ensureImage(
  engine: Engine,
  { version, signal, say }: ContainerOptions,
): Promise<void> {
  const image = buildkitImage(version);
  const known = await engine.request(`/images/${image}/json`, { signal });
  await known.body?.cancel();
  if (known.ok) return;
  say(`Pulling ${image}`);
  try {
    const [name, tag] = splitTag(image);
    const query = new URLSearchParams({ fromImage: name, tag });
    const response = await engine.request(`/images/create?${query.toString()}`, {
      method: "POST",
      signal,
      timeout: pullPatience,
    });
    if (!response.ok) throw await refusal(response, "pull");
    await followPull(response, say);
  } catch (error) {
    signal.throwIfAborted();
    const reason = errorMessage(error).replace(/^Cannot pull: /, "");
    throw new HiveError("unreachable", `Cannot pull ${image}: ${reason}`, {
      cause: error,
      hint: "The engine pulls it: it may need a proxy or a mirror of its own. `docker load` gives it the image as well.",
    });
  }
}

async function followPull(response: Response, say: (text: string) => void): Promise<void> {
  const sayEvery = 5_000;
  let told = performance.now();
  const body = response.body ?? [];
  let done = 0;
  for await (const message of progressMessages(body as AsyncIterable<Uint8Array>)) {
    const problem = message.errorDetail?.message ?? message.error;
    if (problem !== undefined) throw new Error(printable(problem));
    if (/^(?:Pull complete|Already exists)/.test(message.status ?? "")) done++;
    if (performance.now() - told < sayEvery) continue;
    told = performance.now();
    say(`  ${printable(message.status ?? "")}, ${done} layers are there`);
  }
}

/** The container that a daemon of this directory runs in. */
export function containerOf({ engine, kind }: FoundEngine, paths: DaemonPaths): DaemonContainer {
  return { kind: "container", engine: kind, host: engine.address, name: containerName(paths) };
}

/** Where its daemon may be found: the first that answers is the way. */
export function containerEndpoints(found: FoundEngine, paths: DaemonPaths): readonly Endpoint[] {
  const inside: Endpoint = { kind: "container", engine: found.kind, name: containerName(paths) };
  const socket: Endpoint = { kind: "unix", path: join(sharedDirectory(paths), "buildkitd.sock") };
  return found.isHere ? [socket, inside] : [inside];
}

function sharedDirectory({ run }: DaemonPaths): string {
  return join(run, "container");
}

/**
 * Starts a new container on the volume with the cache; one that an earlier start left goes.
 * @throws HiveError "failed" with the engine's words
 */
export async function runContainer(
  found: FoundEngine,
  paths: DaemonPaths,
  { version, env, signal }: ContainerOptions,
): Promise<void> {
  const { engine } = found;
  const runs = containerOf(found, paths);
  const { name } = runs;
  const shared = sharedDirectory(paths);
  if (found.isHere) {
    // A socket in it may be another daemon's.
    await rm(shared, { recursive: true, force: true });
    await mkdir(shared, { recursive: true, mode: 0o700 });
  }
  const request = {
    method: "POST",
    body: {
      Image: buildkitImage(version),
      Cmd: daemonArguments(found),
      Env: proxySettings(env),
      Labels: { "hive.buildkitd": paths.directory },
      HostConfig: {
        Privileged: true,
        // So that 127.0.0.1 is the same to it as to hive, whose registry listens there. It opens no port itself.
        NetworkMode: "host",
        UsernsMode: "host",
        Mounts: [
          { Type: "volume", Source: name, Target: "/var/lib/buildkit" },
          ...(found.isHere ? [{ Type: "bind", Source: shared, Target: sharedInside }] : []),
        ],
      },
    },
    signal,
    timeout: createPatience,
  } as const;
  for (let left = mostConflicts; ; left--) {
    await removeContainer(runs, env, 0);
    try {
      await callEngine(
        engine,
        "make BuildKit's container",
        `/containers/create?name=${name}`,
        request,
      );
      break;
    } catch (error) {
      if (!isConflict(error) || left === 0) throw error;
      // What a start that was killed asked for may only be coming into being now, or be on its way out.
      await Bun.sleep(conflictPause);
    }
  }
  await callEngine(engine, "start BuildKit's container", `/containers/${name}/start`, {
    method: "POST",
    accepted: [304],
    signal,
    timeout: createPatience,
  });
}

const sharedInside = "/run/hive";

function isConflict(error: unknown): boolean {
  return (
    error instanceof HiveError && error.cause instanceof EngineRefusal && error.cause.status === 409
  );
}

function daemonArguments({ isHere, rootless }: FoundEngine): string[] {
  const { reserved, minFree, maxUsed } = cacheLimits;
  // A rootless engine's root is this user; any other's gives the socket to this user's group, in a directory that only
  // this user may enter.
  const gid = process.getgid?.() ?? 0;
  return [
    // Where `buildctl dial-stdio` looks for it.
    "--addr=unix:///run/buildkit/buildkitd.sock",
    ...(isHere ? [`--addr=unix://${sharedInside}/buildkitd.sock`] : []),
    ...(isHere && !rootless && gid !== 0 ? [`--group=${gid}`] : []),
    "--containerd-worker=false",
    "--oci-worker-gc",
    `--oci-worker-gc-keepstorage=${reserved},${minFree},${maxUsed}`,
  ];
}

/**
 * Ends the container and removes it; its volume stays.
 * @param grace seconds for the daemon to end, then it is killed
 * @throws HiveError
 */
export async function removeContainer(
  container: DaemonContainer,
  env: Environment,
  grace: number,
): Promise<void> {
  await using engine = engineOf(container, env);
  const { name } = container;
  if ((await inspectContainer(engine, name)) === undefined) return;
  await callEngine(engine, "stop BuildKit's container", `/containers/${name}/stop?t=${grace}`, {
    method: "POST",
    accepted: [304, 404],
    timeout: (grace + 20) * 1000,
  });
  await callEngine(engine, "remove BuildKit's container", `/containers/${name}?force=1`, {
    method: "DELETE",
    accepted: [404, 409],
    timeout: createPatience,
  });
}

function splitTag(image: string): [string, string] {
  const at = image.lastIndexOf(":");
  return [image.slice(0, at), image.slice(at + 1)];
}
