import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import { createDeadline, type Deadline } from "../base/deadline.ts";
import type { Finding, Probe, World } from "./probe.ts";

/** A finding with the name that it is told under. */
export type CheckResult = Finding & { readonly name: string };

/**
 * Starts all probes at once. Each has its own time, and none hides another.
 * @returns for each probe, in their order, what it found; rejects only with the signal's reason
 */
export function runProbes(
  probes: readonly Probe[],
  world: World,
  signal: AbortSignal,
): Promise<readonly CheckResult[]>[] {
  return probes.map(async (probe) => {
    try {
      const findings = await run(probe, world, signal);
      return findings.map((finding) => ({ name: probe.name, ...finding }));
    } catch (error) {
      signal.throwIfAborted();
      return [{ name: probe.name, status: "fail", ...failure(error, probe) } as const];
    }
  });
}

async function run(probe: Probe, world: World, signal: AbortSignal): Promise<readonly Finding[]> {
  if (probe.needs === "project") {
    const state = await world.project;
    if (state.kind === "read")
      return await limited(probe, signal, (own) => probe.run(state, world, own));
    return [skipped(state.kind === "absent" ? "there is no project here" : "see project")];
  }
  if (probe.needs === "buildkit") {
    const state = await world.buildkit;
    if (state.kind === "missing") return [skipped("see buildkit")];
    return await limited(probe, signal, (own) => probe.run(state.buildkit, world, own));
  }
  return await limited(probe, signal, (own) => probe.run(undefined, world, own));
}

/** A probe may not heed its signal: it is left behind then. */
async function limited<T>(
  { limit }: Probe,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using deadline: Deadline = createDeadline({ signal, timeout: limit });
  return await Promise.race([task(deadline.signal), deadline.passed]);
}

function failure(error: unknown, { limit }: Probe): Pick<Finding, "detail" | "fix"> {
  if (error instanceof HiveError) return { detail: error.message, fix: error.hint };
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { detail: `no answer within ${limit / 1000} s` };
  }
  return { detail: errorMessage(error) };
}

function skipped(detail: string): Finding {
  return { status: "skipped", detail };
}
