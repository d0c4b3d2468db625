import { targetContext } from "../context/target-context.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";
import type { ContextSources, Target, TargetId } from "../plan/plan.ts";
import type { CacheBytes } from "../progress/event.ts";
import { buildTarget, type BuildTargetOptions, type BuiltImage } from "./build-target.ts";
import type { ContextFingerprint } from "./context-fingerprint.ts";
import { inputKey } from "./input-key.ts";
import type { KnownResults } from "./known-results.ts";
import { readIgnore } from "./read-ignore.ts";
import { findStoredImage, type StoredImage } from "./stored-image.ts";

/** How an image came to be: its steps ran, all of them were cached, or the daemon was not even asked. */
export type MadeImage = StoredImage & {
  readonly how: "built" | "cached" | "unchanged";
  readonly cacheBytes?: CacheBytes | undefined;
};

export type MakeImageOptions = Omit<BuildTargetOptions, "context" | "ignore"> & {
  readonly layout: ImageLayout;
  readonly results: KnownResults;
  /** Of a context's files, which many targets share. */
  readonly fingerprint: (sources: ContextSources) => Promise<ContextFingerprint>;
  /** Whether an image may be taken from the store when nothing that goes into it changed. */
  readonly reuse: boolean;
};

/**
 * Makes a target's image: takes the one in the store when its inputs gave it before, else builds.
 * @throws BuildkitError, HiveError
 */
export async function makeImage(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  options: MakeImageOptions,
): Promise<MadeImage> {
  const { buildkit, handover, layout, results } = options;
  const context = targetContext(target.context);
  const ignore = await readIgnore(target.context.dockerfile);
  // Taken before the files are sent: what changes from now on gives another key next time.
  const key = await inputKey({
    target,
    needs,
    fingerprint: () => options.fingerprint(target.context),
    ignore,
    settings: handover.settings,
    frontend: buildkit.version,
  });
  const known = options.reuse ? await findKnown(key, target, options) : undefined;
  if (known !== undefined) return { ...known, how: "unchanged" };

  const { digest, cacheBytes } = await buildTarget(target, needs, { ...options, context, ignore });
  const image = await findStoredImage(layout, digest, target.platform);
  if (image === undefined) {
    throw new Error(`Internal error: the daemon reported ${digest} but pushed no such image`);
  }
  if (key !== undefined) await results.remember(key, digest);
  return { ...image, how: options.steps.isCached() ? "cached" : "built", cacheBytes };
}

async function findKnown(
  key: string | undefined,
  { platform }: Target,
  { layout, results }: MakeImageOptions,
): Promise<StoredImage | undefined> {
  const digest: Digest | undefined = key === undefined ? undefined : await results.find(key);
  if (digest === undefined) return undefined;
  try {
    return await findStoredImage(layout, digest, platform);
  } catch {
    // Damaged: building it again mends it.
    return undefined;
  }
}
