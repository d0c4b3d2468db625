import type { Environment } from "../../base/environment.ts";
import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";
import type { Engine, EngineRequest } from "../../docker/engine.ts";
import { refusalOf } from "../../docker/engine-refusal.ts";
import { openEngine } from "../../docker/open-engine.ts";
import { isRecord } from "../../base/is-record.ts";
import type { DaemonContainer } from "../daemon-state.ts";
import type { Missing } from "../find-programs.ts";
import { readJsonAnswer } from "../../docker/read-answer.ts";

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
): Promise<FoundEngine | Missing> {
  const reasons: string[] = [];
  for (const kind of ["docker", "podman"] as const) {
    try {
      await using stack = new AsyncDisposableStack();
      const engine = stack.use(openEngine({ env, kind }));
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
      reasons.push(errorMessage(error));
    }
  }
  return { missing: reasons.join("; ") };
}

/** The engine that a daemon's container was made on, whatever is the usual one by now. */
export function engineOf({ engine: kind, host }: DaemonContainer, env: Environment): Engine {
  const usual = openEngine({ env, kind });
  // A context of Docker's own has more to it than its address.
  return usual.address === host ? usual : openEngine({ env, kind, host });
}

/** Whether the container of a daemon runs, as far as its engine can be asked. */
export async function isContainerRunning(
  container: DaemonContainer,
  env: Environment,
): Promise<boolean> {
  try {
    await using engine = engineOf(container, env);
    return (await inspectContainer(engine, container.name))?.running === true;
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

/** What the engine said instead of doing what it was asked: "Cannot <what>: ...". */
export async function refusal(response: Response, what: string): Promise<HiveError> {
  const refused = await refusalOf(response);
  const reason = refused.message === "" ? `it answered ${refused.status}` : refused.message;
  return new HiveError("failed", `Cannot ${what}: ${reason}`, { cause: refused });
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
  const document = await readJsonAnswer(response);
  return isRecord(document) ? document : {};
}

/** An engine behind a socket may be in a virtual machine, or outside the container that hive runs in. */
async function isThisMachine(engine: Engine, info: Record<string, unknown>): Promise<boolean> {
  if (process.platform !== "linux" || !engine.address.startsWith("unix://")) return false;
  const { hostname, release } = await import("node:os");
  return info["Name"] === hostname() && info["KernelVersion"] === release();
}
