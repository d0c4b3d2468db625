import { targetContext } from "../context/target-context.ts";
import type { InputStore } from "../inputs/input-store.ts";
import { type InputSources, readInputs, type ReadInputs } from "../inputs/read-inputs.ts";
import { inputKey } from "../inputs/target-inputs.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import type { Target, TargetId } from "../plan/plan.ts";
import type { CacheBytes } from "../progress/event.ts";
import { buildTarget, type BuildTargetOptions, type BuiltImage } from "./target/build-target.ts";
import type { BuildPlace, OnNode } from "./nodes/on-nodes.ts";
import type { FindStoredImage, StoredImage } from "./stored-image.ts";

/** How an image came to be: its steps ran, all of them were cached, or the daemon was not even asked. */
export type MadeImage = StoredImage & {
  readonly how: "built" | "cached" | "unchanged";
  readonly cacheBytes?: CacheBytes | undefined;
};

export type MakeImageOptions = Omit<
  BuildTargetOptions,
  "buildkit" | "handover" | "context" | "ignore" | "bases"
> & {
  readonly onNode: OnNode;
  /** Called each time that a build of it begins. */
  readonly onPlace: (place: BuildPlace) => void;
  /** What reads Dockerfiles at the daemons: another version may make another image. */
  readonly frontend: string;
  readonly findStored: FindStoredImage;
  readonly store: InputStore;
  /** What images from elsewhere stand for, of those that the target names: reference -> digest. */
  readonly basesOf: (target: Target) => Promise<ReadonlyMap<string, Digest>>;
  /** What the exporter is told about every image. */
  readonly imageSettings: Readonly<Record<string, string>>;
  /** The own platform of the daemons that may build the target. */
  readonly native: Platform;
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
  const { onNode, findStored, store, native } = options;
  const ignore = store.ignore(target.context.dockerfile);
  const bases = await options.basesOf(target);
  // Read before the files are sent: what changes from now on is noticed when they were.
  const sources: InputSources = {
    contexts: store.contexts,
    parents: (id) => parentOf(needs.get(id)),
    bases,
    ignore,
    exporter: options.imageSettings,
    frontend: options.frontend,
    native,
  };
  const read = await readOrAsk(target, sources);
  const key = read?.volatile.length === 0 ? inputKey(read.inputs) : undefined;
  const known = options.reuse ? await findKnown(key, target, options) : undefined;
  if (known !== undefined && read !== undefined) {
    // Another target may be made of the same, and have been built in its stead.
    const record = store.records.find(target.id);
    if (record?.key !== key) remember(target, { ...read, key, digest: known.descriptor.digest });
    return { ...known, how: "unchanged" };
  }

  const context = targetContext(target.context);
  const built = await onNode(target, needs, async (place) => {
    options.onPlace(place);
    return await buildTarget(target, needs, { ...options, ...place, context, ignore, bases });
  });
  const { digest, cacheBytes } = built;
  const image = await findStored(digest, target.platform);
  if (image === undefined) {
    throw new Error(`Internal error: the daemon reported ${digest} but pushed no such image`);
  }
  if (read !== undefined) {
    const { readAgain } = store.contexts;
    const contexts = { read: readAgain, readAgain };
    const now = await readOrAsk(target, { ...sources, contexts }).catch(() => undefined);
    const isSame = now !== undefined && inputKey(now.inputs) === inputKey(read.inputs);
    remember(target, { ...read, key: isSame ? key : undefined, digest });
  }
  return { ...image, how: options.steps.isCached() ? "cached" : "built", cacheBytes };

  function remember(
    { id, dockerfile }: Target,
    { inputs, content, ...made }: ReadInputs & { key: string | undefined; digest: Digest },
  ): void {
    store.texts.store(inputs.dockerfile, () => dockerfile.text);
    store.texts.store(inputs.context, content.listing);
    const time = Date.now();
    store.records.remember({
      target: id,
      ...(made.key === undefined ? {} : { key: made.key }),
      digest: made.digest,
      time,
      inputs,
    });
  }
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

async function findKnown(
  key: string | undefined,
  { platform }: Target,
  { findStored, store }: MakeImageOptions,
): Promise<StoredImage | undefined> {
  const digest = key === undefined ? undefined : store.records.findKey(key);
  if (digest === undefined) return undefined;
  try {
    return await findStored(digest, platform);
  } catch {
    // Damaged: building it again mends it.
    return undefined;
  }
}
