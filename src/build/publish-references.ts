import { storeBlob } from "../oci/blob-store.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestOf } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { mediaTypes } from "../oci/media-types.ts";
import type { Target } from "../plan/plan.ts";

/** Names finished images in the store. */
export type ReferencePublisher = {
  /** Notes a target's image; its reference is named once all of its platforms are there. */
  add(target: Target, descriptor: Descriptor): void;
  /** Resolves when everything that could be named is. @throws what the store threw. */
  flush(): Promise<void>;
};

/**
 * Names images as they finish, so that a run that is killed keeps what it had.
 * Updates that come while one is written are written together.
 * @param targets all targets of the run: they say which platforms a reference has
 */
export function createReferencePublisher(
  layout: ImageLayout,
  targets: readonly Target[],
): ReferencePublisher {
  const missing = new Map<string, Set<string>>();
  for (const { reference, id } of targets)
    missing.set(reference, (missing.get(reference) ?? new Set()).add(id));
  const images = new Map<string, Descriptor[]>();
  const complete = new Map<string, readonly Descriptor[]>();
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function write(): Promise<void> {
    while (complete.size > 0) {
      const batch = [...complete];
      complete.clear();
      const changes = await Promise.all(
        batch.map(
          async ([reference, descriptors]) =>
            [reference, await nameable(layout, descriptors)] as const,
        ),
      );
      await layout.update(new Map(changes));
    }
  }

  async function writeNoting(): Promise<void> {
    try {
      await write();
    } catch (error) {
      failure ??= { error };
    } finally {
      writing = undefined;
    }
  }

  return {
    add({ reference, id }, descriptor) {
      const list = images.get(reference) ?? [];
      list.push(descriptor);
      images.set(reference, list);
      const waiting = missing.get(reference);
      waiting?.delete(id);
      if (waiting?.size !== 0) return;
      complete.set(reference, list);
      writing ??= writeNoting();
    },
    async flush() {
      await writing;
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** One platform is its manifest itself; several are an index, in an order that does not depend on who finished first. */
async function nameable(
  layout: ImageLayout,
  descriptors: readonly Descriptor[],
): Promise<Descriptor> {
  const [only] = descriptors;
  if (only !== undefined && descriptors.length === 1) return only;
  const manifests = descriptors.toSorted((a, b) =>
    platformKey(a).localeCompare(platformKey(b), "en"),
  );
  const bytes = new TextEncoder().encode(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  );
  // Mostly it is there: of what did not change nothing need be written.
  const { digest, size } =
    layout.blobs.find(digestOf(bytes)) ?? (await storeBlob(layout.blobs, bytes));
  return { mediaType: mediaTypes.ociIndex, digest, size };
}

function platformKey({ platform }: Descriptor): string {
  return platform === undefined
    ? ""
    : [platform.os, platform.architecture, platform.variant ?? ""].join("/");
}
