import { setTimeout as sleep } from "node:timers/promises";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { Plan, Target } from "../plan/plan.ts";
import { withBuildId } from "../plan/with-build-id.ts";
import { nameImages } from "./name-images.ts";
import { storedPlatforms } from "./stored-platforms.ts";

/** Names finished images in the store. */
export type ReferencePublisher = {
  /** Notes a target's image; its reference is named once all platforms that are built in this run are there. */
  add(target: Target, descriptor: Descriptor): void;
  /** Resolves when everything that could be named is. @throws what the store threw. */
  flush(): Promise<void>;
};

/** Milliseconds in which what is done is gathered before it is named. */
const gathering = 50;

/** The images of a reference, by platform, and what the project lists. */
type Built = {
  readonly images: Map<string, Descriptor>;
  readonly listed: readonly Platform[];
  /** How many are still to come. */
  missing: number;
};

/**
 * Names images as they finish, so that a run that is killed keeps what it had. Platforms of a reference that are not
 * built in this run stay in it as long as the project lists them. Aliases that the store has follow their references.
 * Updates that come while one is written are written together.
 * @param plan its targets say which platforms of a reference are built
 * @param buildId goes into the names
 */
export function createReferencePublisher(
  layout: ImageLayout,
  { targets, aliases }: Pick<Plan, "targets" | "aliases">,
  buildId?: string,
): ReferencePublisher {
  const built = new Map(
    [...Map.groupBy(targets, ({ reference }) => reference)].map(
      ([reference, those]): [string, Built] => {
        const listed = those[0]?.listedPlatforms ?? [];
        return [reference, { images: new Map(), listed, missing: those.length }];
      },
    ),
  );
  const complete = new Set<string>();
  const hurry = Promise.withResolvers<void>();
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function named(reference: string): Promise<readonly [string, Descriptor]> {
    const { images = new Map<string, Descriptor>(), listed = [] } = built.get(reference) ?? {};
    const name = withBuildId(reference, buildId);
    const stored = listed.length > images.size ? await storedPlatforms(layout, name) : [];
    const descriptor = await nameImages(layout, new Map([...stored, ...images]), listed);
    return [name, descriptor];
  }

  async function write(): Promise<void> {
    while (complete.size > 0) {
      // Targets of which nothing changed come by the hundred, and each write reads all names.
      await Promise.race([hurry.promise, sleep(gathering)]);
      const batch = [...complete];
      complete.clear();
      const changes = new Map(await Promise.all(batch.map(named)));
      const known = new Set((await layout.references()).map(({ name }) => name));
      for (const { alias, reference } of aliases) {
        const descriptor = changes.get(withBuildId(reference, buildId));
        const name = withBuildId(alias, buildId);
        if (descriptor !== undefined && known.has(name)) changes.set(name, descriptor);
      }
      await layout.update(changes);
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
    add({ reference, platform }, descriptor) {
      const reached = built.get(reference);
      if (reached === undefined) return;
      reached.images.set(formatPlatform(platform), descriptor);
      reached.missing -= 1;
      if (reached.missing > 0) return;
      complete.add(reference);
      writing ??= writeNoting();
    },
    async flush() {
      hurry.resolve();
      await writing;
      if (failure !== undefined) throw failure.error;
    },
  };
}
