import { HiveError } from "../../base/hive-error.ts";
import type { OpenRegistryStore } from "./open-registry-store.ts";

export type GcResult = {
  readonly manifests: number;
  readonly blobs: number;
  readonly bytes: number;
};

type GcOptions = {
  readonly grace: number;
  readonly untaggedAfter: number | undefined;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
};

/** Replaced by the real one as soon as that is merged. */
export async function collectGarbage(_: OpenRegistryStore, __: GcOptions): Promise<GcResult> {
  throw new HiveError("failed", "Cannot collect garbage yet");
}
