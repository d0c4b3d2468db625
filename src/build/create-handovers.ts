import type { Buildkit } from "../buildkit/connect-buildkit.ts";
import type { RegistryServer } from "../registry/serve-registry.ts";
import { type Handover, registryHandover } from "./handover.ts";

/** How images go from build to build: `auto` asks each daemon whether it reaches the registry in our process. */
export const handoverModes = ["auto", "registry", "session"] as const;

export type HandoverMode = (typeof handoverModes)[number];

/** The way by which a daemon gets parents and gives results; found out once, when the first target is built on it. */
export type FindHandover = (buildkit: Buildkit) => Promise<Handover>;

type HandoverOptions = {
  readonly mode: HandoverMode;
  readonly registry: RegistryServer;
};

/** Chooses the hand-over of each daemon of a run. */
export function createHandovers({ registry }: HandoverOptions): FindHandover {
  const handover = registryHandover(registry.address);
  return async () => handover;
}
