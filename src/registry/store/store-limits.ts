import { statfsSync } from "node:fs";
import type { Digest } from "../../oci/digest.ts";
import { RegistryError } from "../registry-error.ts";

export type StoreLimits = {
  /** Repositories; one more is refused with 403. */
  readonly maxRepositories?: number | undefined;
  /** Bytes that must stay free on the disk. Below, pushes are refused with 507; deleting and pulling go on. */
  readonly minFreeSpace?: number | undefined;
  /** Bytes of all blobs. Beyond, pushes are refused with 507. */
  readonly maxStorage?: number | undefined;
};

/** The room that a store takes, counted as content comes and goes. */
export type StorageUse = {
  /** @throws RegistryError 507 when there is no room for so many bytes more. */
  require(bytes: number): void;
  /** Takes room for bytes that are about to be written. @throws RegistryError 507 when there is not so much. */
  take(bytes: number): void;
  /** Gives back what was taken, once it is a blob or nothing. */
  giveBack(bytes: number): void;
  /** A blob is there, which may have been there before. */
  stored(digest: Digest, size: number): void;
  removed(digest: Digest): void;
};

// Milliseconds for which the free space of a disk is taken to be known.
const statfsLifetime = 1000;

/** Watches over the limits of a store in `directory` that has these blobs, of so many bytes each. */
export function createStorageUse(
  directory: string,
  { minFreeSpace = 0, maxStorage = Number.POSITIVE_INFINITY }: StoreLimits,
  blobs: ReadonlyMap<Digest, number>,
): StorageUse {
  // Only where there is a limit: it is an entry for each blob.
  const sizes = maxStorage < Number.POSITIVE_INFINITY ? new Map(blobs) : undefined;
  let used = [...blobs.values()].reduce((sum, size) => sum + size, 0);
  let unfinished = 0;
  let free = Number.POSITIVE_INFINITY;
  let asked = Number.NEGATIVE_INFINITY;

  const freeSpace = (): number => {
    if (performance.now() - asked > statfsLifetime) {
      const { bavail, bsize } = statfsSync(directory);
      free = bavail * bsize;
      asked = performance.now();
    }
    return free;
  };
  const require = (bytes: number): void => {
    if (used + unfinished + bytes > maxStorage) {
      throw full(`the registry stores ${maxStorage} bytes at most`);
    }
    if (minFreeSpace > 0 && freeSpace() - bytes < minFreeSpace) {
      throw full("the registry's disk is almost full");
    }
  };
  return {
    require,
    take(bytes) {
      require(bytes);
      free -= bytes;
      unfinished += bytes;
    },
    giveBack(bytes) {
      unfinished -= bytes;
    },
    stored(digest, size) {
      if (sizes === undefined || sizes.has(digest)) return;
      sizes.set(digest, size);
      used += size;
    },
    removed(digest) {
      used -= sizes?.get(digest) ?? 0;
      sizes?.delete(digest);
    },
  };
}

// 507 and not 413: the same push fits once something was deleted. The specification has no code for it.
function full(message: string): RegistryError {
  return new RegistryError(507, "DENIED", message);
}

/** @throws RegistryError 403 when a new repository would be one too many. */
export function requireRepository(
  known: { repositoryCount(): number; hasRepository(repository: string): boolean },
  repository: string,
  maxRepositories = Number.POSITIVE_INFINITY,
): void {
  if (known.repositoryCount() < maxRepositories || known.hasRepository(repository)) return;
  throw new RegistryError(
    403,
    "DENIED",
    `the registry has ${maxRepositories} repositories, and takes no new ones`,
  );
}
