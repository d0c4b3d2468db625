import { HiveError } from "../../base/hive-error.ts";
import { openInputStore, sweepInputStore } from "../../inputs/input-store.ts";
import { collectGarbage } from "../../oci/collect-garbage.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageLayout } from "../../oci/layout.ts";
import type { Target } from "../../plan/plan.ts";
import { createHandovers, type HandoverMode } from "../handover/create-handovers.ts";
import { imageSettings } from "../handover/handover.ts";
import { openKnownWays } from "../handover/known-ways.ts";
import { createRunRegistries } from "../handover/run-registries.ts";
import { createReferencePublisher } from "../publish-references.ts";
import { type FindStoredImage, storedImageFinder } from "../stored-image.ts";
import type { KnownInputs, OpenResults } from "./results.ts";

type StoreOptions = {
  /** Takes the images; what it has already need not be pushed again. */
  readonly layout: ImageLayout;
  readonly handover: HandoverMode;
};

/** Results in the project's store, which daemons reach through a registry in our process or through their sessions. */
export function storeResults({ layout, handover }: StoreOptions): OpenResults {
  return async ({ plan, buildId, env, credentials, onError, emit, signal }) => {
    await using stack = new AsyncDisposableStack();
    const registries = createRunRegistries(credentials, onError);
    const registry = stack.use(await registries.serve(layout));
    const cleanup = stack.use(new AsyncDisposableStack());
    const place = { layout, registry };
    const findHandover = createHandovers({
      mode: handover,
      parents: place,
      results: place,
      known: openKnownWays(env),
      onError,
      credentials: registries.credentials,
      warn: ({ id }, message) => emit({ type: "warning", target: id, message }),
      cleanup,
      signal,
    });
    const publisher = createReferencePublisher(layout, plan, buildId);
    const store = openInputStore(layout.directory, layout);
    const { contexts, ignore, records, texts } = store;
    const findStored = storedImageFinder(layout);
    let replaced = false;

    function remember(
      { id, dockerfile }: Target,
      { inputs, content, key }: KnownInputs,
      digest: Digest,
    ): void {
      texts.store(inputs.dockerfile, () => dockerfile.text);
      texts.store(inputs.context, content.listing);
      const keyed = key === undefined ? {} : { key };
      records.remember({ target: id, ...keyed, digest, time: Date.now(), inputs });
    }

    const owned = stack.move();
    return {
      findHandover,
      credentials: registries.credentials,
      imageSettings: imageSettings(plan),
      contexts,
      ignore,
      async recall(target, made) {
        const digest = records.findKey(made.key);
        const image = digest && (await findWhole(findStored, digest, target));
        // Another target may be made of the same, and have been built in its stead.
        if (image !== undefined && records.find(target.id)?.key !== made.key) {
          remember(target, made, image.descriptor.digest);
        }
        return image;
      },
      async find({ platform }, digest) {
        const image = await findStored(digest, platform);
        if (image !== undefined) return image;
        throw new Error(`Internal error: the daemon reported ${digest} but pushed no such image`);
      },
      remember: (target, made, { descriptor }) => remember(target, made, descriptor.digest),
      previous: async ({ reference }) => (await layout.find(reference))?.digest,
      async publish(target, { descriptor, how }) {
        if (how === "built") replaced = true;
        // What was not pushed in this run the registry does not know yet.
        if (how === "unchanged") await registry.publish(target.reference, descriptor);
        publisher.add(target, descriptor);
      },
      nameOf: () => undefined,
      flush: () => publisher.flush(),
      async tidy() {
        // Only where something was added can something be in the way.
        if (!replaced) return;
        await collectReplaced(layout);
        await sweepInputStore(store, layout);
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  };
}

/** Undefined also for what is damaged: building it again mends it. */
async function findWhole(
  findStored: FindStoredImage,
  digest: Digest,
  { platform }: Target,
): ReturnType<FindStoredImage> {
  try {
    return await findStored(digest, platform);
  } catch {
    return undefined;
  }
}

/** Removes what newer images replaced. Not worth an error: what can't be read now is named by who needs it. */
async function collectReplaced(layout: ImageLayout): Promise<void> {
  try {
    await collectGarbage(layout);
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
  }
}
