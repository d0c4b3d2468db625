import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import type { Target } from "../../plan/plan.ts";
import { describeDaemon, fitToDaemon } from "./daemon-limits.ts";
import type { Handover } from "./handover.ts";

type FitOptions = {
  readonly warn: (target: Target, message: string) => void;
  readonly signal: AbortSignal;
};

/** The same hand-over, minding what else the daemon can't do. */
export async function fitHandover(
  buildkit: Buildkit,
  handover: Handover,
  { warn, signal }: FitOptions,
): Promise<Handover> {
  const can = await buildkit.capabilities();
  if (can.namedContexts && can.exportsCache) return handover;
  const daemon = await describeDaemon(buildkit, { signal });
  return { ...handover, fit: fitToDaemon(can, { daemon, warn }) };
}
