import { targetContext } from "../context/target-context.ts";
import { type InputSources, readInputs, type ReadInputs } from "../inputs/read-inputs.ts";
import { inputKey } from "../inputs/target-inputs.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import type { Target, TargetId } from "../plan/plan.ts";
import type { CacheBytes } from "../progress/event.ts";
import { buildTarget, type BuildTargetOptions, type BuiltImage } from "./target/build-target.ts";
import type { BuildPlace, OnNode } from "./nodes/on-nodes.ts";
import type { HowMade, Results } from "./results/results.ts";
import type { StoredImage } from "./stored-image.ts";

/** A target's image, and how it came to be. */
export type MadeImage = StoredImage & {
  readonly how: HowMade;
  readonly cacheBytes?: CacheBytes | undefined;
};

export type MakeImageOptions = Omit<
  BuildTargetOptions,
  "buildkit" | "handover" | "context" | "ignore" | "bases" | "credentials"
> & {
  readonly onNode: OnNode;
  /** Called each time that a build of it begins. */
  readonly onPlace: (place: BuildPlace) => void;
  /** What reads Dockerfiles at the daemons: another version may make another image. */
  readonly frontend: string;
  readonly results: Results;
  /** What images from elsewhere stand for, of those that the target names: reference -> digest. */
  readonly basesOf: (target: Target) => Promise<ReadonlyMap<string, Digest>>;
  /** The own platform of the daemons that may build the target. */
  readonly native: Platform;
  /** Whether an image may be taken as it is when nothing that goes into it changed. */
  readonly reuse: boolean;
};

/**
 * Makes a target's image: takes the one that its inputs gave before, else builds.
 * @throws BuildkitError, HiveError
 */
export async function makeImage(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  options: MakeImageOptions,
): Promise<MadeImage> {
  const { onNode, results, native } = options;
  const { contexts, credentials } = results;
  const ignore = results.ignore(target.context.dockerfile);
  const bases = await options.basesOf(target);
  // Read before the files are sent: what changes from now on is noticed when they were.
  const sources: InputSources = {
    contexts,
    parents: (id) => parentOf(needs.get(id)),
    bases,
    ignore,
    exporter: results.imageSettings,
    frontend: options.frontend,
    native,
  };
  const read = await readOrAsk(target, sources);
  const key = read?.volatile.length === 0 ? inputKey(read.inputs) : undefined;
  if (options.reuse && read !== undefined && key !== undefined) {
    const known = await results.recall(target, { ...read, key });
    if (known !== undefined) return { ...known, how: "unchanged" };
  }

  const context = targetContext(target.context);
  const built = await onNode(target, needs, async (place) => {
    options.onPlace(place);
    const given = { ...options, ...place, credentials, context, ignore, bases };
    return await buildTarget(target, needs, given);
  });
  const { digest, cacheBytes } = built;
  const image = await results.find(target, digest);
  if (read !== undefined) {
    const { readAgain } = contexts;
    const again = { ...sources, contexts: { read: readAgain, readAgain } };
    const now = await readOrAsk(target, again).catch(() => undefined);
    const isSame = now !== undefined && inputKey(now.inputs) === inputKey(read.inputs);
    results.remember(target, { ...read, key: isSame ? key : undefined }, image);
  }
  return { ...image, how: options.steps.isCached() ? "cached" : "built", cacheBytes };
}

/** Undefined for patterns that can't be read: BuildKit says so in its own words. */
async function readOrAsk(target: Target, sources: InputSources): Promise<ReadInputs | undefined> {
  try {
    return await readInputs(target, sources);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function parentOf(image: BuiltImage | undefined): ReturnType<InputSources["parents"]> {
  return image && { digest: image.digest, dockerfile: image.target.dockerfile.text };
}
