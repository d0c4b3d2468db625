import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import type { Platform } from "../../oci/platform.ts";

/** A daemon that targets are built on. */
export type BuildNode = {
  readonly buildkit: Buildkit;
  /** What it is to build; empty: what it says itself. */
  readonly platforms: readonly Platform[];
  /** How many targets are built on it at a time; absent: as many as there are. */
  readonly maxParallel?: number;
};
