import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { storageError } from "../base/storage-error.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import type { BlobStore } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import { createDiskBlobStore } from "./disk-blob-store.ts";
import { acquireFileLock } from "./file-lock.ts";
import {
  changeReferences,
  hasReferences,
  emptyLayoutIndex,
  type LayoutIndex,
  layoutIndexReader,
  referenceName,
} from "./layout-index.ts";
import { checkLayoutVersion, makeLayout } from "./make-layout.ts";
import { refuseLinks } from "./refuse-links.ts";
import { createScratch, type Scratch, sweepScratch } from "./scratch.ts";

/**
 * A directory as an OCI image layout that several processes may use at once, and one that any OCI tool reads.
 * Disposing removes this run's unfinished files.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md}
 */
export type ImageLayout = Disposable & {
  readonly directory: string;
  readonly blobs: BlobStore;
  /** An existing directory for unfinished files of this run, on the same file system as the blobs. */
  readonly scratch: string;
  /** What `index.json` names now, in its order. */
  references(): Promise<readonly LayoutReference[]>;
  /** What `name`, as `base:1.0`, stands for. */
  find(name: string): Promise<Descriptor | undefined>;
  /** Sets and, where the value is undefined, removes names: all at once or, when it throws, none. */
  update(changes: ReadonlyMap<string, Descriptor | undefined>): Promise<void>;
  /**
   * Runs `action` while no other process changes the index or starts to use the layout; `others` are the scratch
   * directories of those that do already. `action` must not call `update`, which waits for the same lock.
   */
  exclusively<T>(action: (others: readonly string[]) => Promise<T>): Promise<T>;
};

type LayoutReference = { readonly name: string; readonly descriptor: Descriptor };

type LayoutOptions = {
  /** Whether what was written survives a power cut. Default: true. */
  readonly durable?: boolean;
  /** Milliseconds to wait for another process that updates the index. Default: 30 s. */
  readonly lockTimeout?: number;
};

// Bytes of the file are given by the convention: https://bford.info/cachedir/
const cacheTag = `Signature: 8a477f597d28d172789f06886806bc55
# Image store of a build; it can be filled again. Backup tools may skip it.
`;

/**
 * Opens the layout in `directory`, made when it is not there, and removes what dead runs left.
 * @throws HiveError when the directory can't be written, is another kind of layout, or has links.
 */
export async function openLayout(
  directory: string,
  options: LayoutOptions = {},
): Promise<ImageLayout> {
  const { durable = true } = options;
  const lock = join(directory, "index.lock");
  const lockOptions = options.lockTimeout === undefined ? {} : { timeout: options.lockTimeout };
  const scratch = await explained(directory, async () => {
    refuseLinks(directory);
    mkdirSync(directory, { recursive: true });
    using _ = await acquireFileLock(lock, lockOptions);
    sweepScratch(join(directory, "tmp"));
    return await initialize(directory);
  });

  const readIndex = layoutIndexReader(directory);
  const currentIndex = async (): Promise<LayoutIndex> => (await readIndex()) ?? emptyLayoutIndex();
  const exclusively: ImageLayout["exclusively"] = async (action) => {
    using _ = await acquireFileLock(lock, lockOptions);
    const alive = sweepScratch(join(directory, "tmp"));
    return await action(alive.filter((path) => path !== scratch.path));
  };
  return {
    directory,
    blobs: createDiskBlobStore({ directory, scratch: scratch.path, durable }),
    scratch: scratch.path,
    references: async () => listReferences(await currentIndex()),
    find: async (name) =>
      (await currentIndex()).manifests.find((entry) => referenceName(entry) === name),
    exclusively,
    update: async (changes) => {
      if (changes.size === 0) return;
      await explained(directory, async () =>
        exclusively(async () => {
          const current = await currentIndex();
          if (hasReferences(current, changes)) return;
          await writeIndex(directory, changeReferences(current, changes), scratch.path);
        }),
      );
    },
    [Symbol.dispose]: () => scratch[Symbol.dispose](),
  };
}

/** The scratch directory of this run, in a layout that has all it needs. */
async function initialize(directory: string): Promise<Scratch> {
  const scratch = createScratch(join(directory, "tmp"));
  try {
    await checkLayoutVersion(directory);
    const more = { ".gitignore": "*\n", "CACHEDIR.TAG": cacheTag };
    await makeLayout(directory, { scratch: scratch.path, more });
    return scratch;
  } catch (error) {
    scratch[Symbol.dispose]();
    throw error;
  }
}

async function writeIndex(directory: string, index: LayoutIndex, scratch: string): Promise<void> {
  await writeFileAtomically(join(directory, "index.json"), JSON.stringify(index), { scratch });
}

function listReferences(index: LayoutIndex): readonly LayoutReference[] {
  return index.manifests.flatMap((descriptor) => {
    const name = referenceName(descriptor);
    return name === undefined ? [] : [{ name, descriptor }];
  });
}

async function explained<T>(directory: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageError(error, directory);
  }
}
