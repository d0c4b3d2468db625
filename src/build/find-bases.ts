import { type Digest, isDigest } from "../oci/digest.ts";
import type { Target } from "../plan/plan.ts";

/** What a reference stands for at its registry now; undefined when nobody can tell in time. Never rejects. */
export type BaseResolver = (reference: string) => Promise<Digest | undefined>;

/**
 * Finds out what the images from elsewhere stand for: what hive.lock says, else what their registries do. Those are asked
 * at once, all together, each for a reference once.
 */
export function basesFinder(
  targets: readonly Target[],
  resolve: BaseResolver,
): (target: Target) => Promise<ReadonlyMap<string, Digest>> {
  const found = new Map<string, Promise<Digest | undefined>>();
  for (const { externals } of targets) {
    for (const { reference, digest } of externals) {
      if (found.has(reference)) continue;
      const known = digest ?? digestIn(reference);
      found.set(reference, known === undefined ? resolve(reference) : Promise.resolve(known));
    }
  }
  return async ({ externals }) => {
    const bases = new Map<string, Digest>();
    for (const { reference } of externals) {
      const digest = await found.get(reference);
      if (digest !== undefined) bases.set(reference, digest);
    }
    return bases;
  };
}

function digestIn(reference: string): Digest | undefined {
  const digest = reference.slice(reference.indexOf("@") + 1);
  return isDigest(digest) ? digest : undefined;
}
