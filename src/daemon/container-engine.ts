import type { Environment } from "../base/environment.ts";
import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import { printable } from "../base/printable.ts";
import { systemErrorCode } from "../base/system-error.ts";
import type { Engine, EngineRequest } from "../docker/engine.ts";
import { openEngine } from "../docker/open-engine.ts";
import { isRecord } from "../base/is-record.ts";
import type { DaemonContainer } from "./daemon-state.ts";

/** An engine that answered. */
export type FoundEngine = AsyncDisposable & {
  readonly engine: Engine;
  readonly kind: "docker" | "podman";
  /** Whether its containers see this machine's directories, under the same paths. */
  readonly isHere: boolean;
  /** Whether root in its containers is the user who runs the engine. */
  readonly rootless: boolean;
};

/** Whoever listens on a local socket answers at once, or hangs. */
const probeTime = 5_000;

/**
 * The engine that `docker` would use, else Podman's.
 * @returns why there is none, otherwise
 */
export async function findContainerEngine(
  env: Environment,
  signal: AbortSignal,
): Promise<FoundEngine | { readonly missing: string }> {
  const reasons: string[] = [];
  for (const { kind, host } of candidates(env)) {
    try {
      await using stack = new AsyncDisposableStack();
      const engine = stack.use(openEngine({ env, host }));
      const info = await json(engine, "/info", { signal, timeout: probeTime });
      if (info["OSType"] !== undefined && info["OSType"] !== "linux") {
        reasons.push(`${engine.address} runs no Linux containers`);
        continue;
      }
      const owned = stack.move();
      return {
        engine,
        kind,
        isHere: await isThisMachine(engine, info),
        rootless: JSON.stringify(info["SecurityOptions"] ?? "").includes("rootless"),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    } catch (error) {
      signal.throwIfAborted();
      const absent = error instanceof HiveError && systemErrorCode(error.cause) === "ENOENT";
      reasons.push(
        absent
          ? `nothing at ${host ?? env["DOCKER_HOST"] ?? "Docker's socket"}`
          : errorMessage(error),
      );
    }
  }
  return { missing: reasons.join("; ") };
}

/** Whether the container of a daemon runs, as far as its engine can be asked. */
export async function isContainerRunning(
  { host, name }: DaemonContainer,
  env: Environment,
): Promise<boolean> {
  try {
    await using engine = openEngine({ env, host });
    return (await inspectContainer(engine, name))?.running === true;
  } catch {
    return false;
  }
}

/** Undefined when there is none of that name. @throws HiveError */
export async function inspectContainer(
  engine: Engine,
  name: string,
  signal?: AbortSignal,
): Promise<{ readonly running: boolean } | undefined> {
  const path = `/containers/${name}/json`;
  const response = await engine.request(path, { signal, timeout: probeTime });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  const document = await readJson(response, "look for BuildKit's container");
  const state = document["State"];
  return { running: isRecord(state) && state["Running"] === true };
}

/**
 * Calls an engine whose answer is of no interest.
 * @param accepted statuses besides 2xx that are fine
 * @throws HiveError "failed" with what the engine says: "Cannot <what>: ..."
 */
export async function callEngine(
  engine: Engine,
  what: string,
  path: string,
  { accepted = [], ...request }: EngineRequest & { readonly accepted?: readonly number[] },
): Promise<void> {
  const response = await engine.request(path, request);
  if (!response.ok && !accepted.includes(response.status)) throw await refusal(response, what);
  await response.body?.cancel();
}

/** The engine's own words for why it did not do what it was asked. */
export async function refusal(response: Response, what: string): Promise<HiveError> {
  const text = (await response.text()).slice(0, 2000);
  let reason = text;
  try {
    const document: unknown = JSON.parse(text);
    if (isRecord(document) && typeof document["message"] === "string") reason = document["message"];
  } catch {
    // No JSON: the text as it is.
  }
  return new HiveError("failed", `Cannot ${what}: ${printable(reason) || response.status}`);
}

async function json(
  engine: Engine,
  path: string,
  request: EngineRequest,
): Promise<Record<string, unknown>> {
  return await readJson(await engine.request(path, request), `ask ${engine.address}`);
}

async function readJson(response: Response, what: string): Promise<Record<string, unknown>> {
  if (!response.ok) throw await refusal(response, what);
  const document: unknown = await response.json();
  return isRecord(document) ? document : {};
}

function candidates(env: Environment): { kind: "docker" | "podman"; host?: string }[] {
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  const podman = [
    env["CONTAINER_HOST"] ?? "",
    runtime === "" ? "" : `unix://${runtime}/podman/podman.sock`,
    "unix:///run/podman/podman.sock",
  ].filter((host) => host !== "");
  return [{ kind: "docker" }, ...podman.map((host) => ({ kind: "podman" as const, host }))];
}

/** An engine behind a socket may be in a virtual machine, or outside the container that hive runs in. */
async function isThisMachine(engine: Engine, info: Record<string, unknown>): Promise<boolean> {
  if (process.platform !== "linux" || !engine.address.startsWith("unix://")) return false;
  const { hostname, release } = await import("node:os");
  return info["Name"] === hostname() && info["KernelVersion"] === release();
}
