import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { storageError } from "../../base/storage-error.ts";
import type { BlobStore } from "../../oci/blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { createDiskBlobStore } from "../../oci/disk-blob-store.ts";
import { makeBlobDirectories } from "../../oci/make-layout.ts";
import { storedBlobs } from "../../oci/stored-blobs.ts";
import { importLayout } from "./import-layout.ts";
import type { SyncPolicy } from "./journal.ts";
import { openJournalMetadataStore } from "./journal-metadata-store.ts";
import { keepLayoutNames } from "./keep-layout-names.ts";
import { isForeignEntry, layoutEntries } from "./layout-names.ts";
import { createLeasedBlobs } from "./leased-blobs.ts";
import { createLeasedMetadata } from "./leased-metadata.ts";
import { createLeases, type Leases } from "./leases.ts";
import { lockStore } from "./lock-store.ts";
import { createMemoryMetadataStore } from "./memory-metadata-store.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { describeMissing } from "./missing-content.ts";
import { prepareDirectory } from "./prepare-directory.ts";
import { createRegistryStore, type Membership, type RegistryStore } from "./registry-store.ts";
import { createStorageUse, requireRepository, type StoreLimits } from "./store-limits.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A store on disk. Disposing of it ends what is under way and lets another process have it. */
export type OpenRegistryStore = RegistryStore &
  AsyncDisposable & {
    readonly directory: string;
    /** The same store for `collectGarbage`: to look at something there gives no lease. */
    readonly garbage: {
      readonly blobs: BlobStore;
      readonly metadata: MetadataStore;
      readonly leases: Leases;
      readonly membership: Membership;
      /** What is needed besides: entries of `index.json` that are no tag of a repository. */
      readonly others: readonly Descriptor[];
    };
  };

type RegistryStoreSettings = {
  readonly membership: Membership;
  readonly limits?: StoreLimits;
  /** Takes what the operator should know and the store can live with, a few sentences. */
  readonly onWarning: (message: string) => void;
};

type OpenOptions = RegistryStoreSettings & {
  /** Made when it is not there. An OCI image layout that no registry has served yet becomes its first content. */
  readonly directory: string;
  readonly sync: SyncPolicy;
  /** Records that the journal may have too many of before it is rewritten. Default: 10,000. */
  readonly journalSlack?: number;
};

/**
 * Opens the store in a directory: an OCI image layout with a journal of what repositories have. What an earlier process
 * left behind is swept; what is damaged or missing is reported and not served, and does not keep the rest from it.
 * @throws HiveError when another process uses it, a newer hive made it, or the directory can't be written.
 */
export async function openRegistryStore(options: OpenOptions): Promise<OpenRegistryStore> {
  const { directory, sync, membership, onWarning } = options;
  await using stack = new AsyncDisposableStack();
  try {
    // Images may hold what not every user of the machine should see.
    await mkdir(directory, { recursive: true, mode: 0o700 });
    stack.use(await lockStore(directory));
    const scratch = await prepareDirectory(directory);
    const blobs = createDiskBlobStore({ directory, scratch, durable: sync === "always" });
    const path = join(directory, "journal");
    const entries = await layoutEntries(directory, onWarning);
    if (!existsSync(path)) await importLayout({ entries, blobs, path, membership, onWarning });
    const others = entries.filter((entry) => isForeignEntry(entry));
    const metadata = stack.use(
      await openJournalMetadataStore({ path, sync, onWarning, slack: options.journalSlack }),
    );
    const stored = new Set(await storedBlobs(directory));
    const missing = describeMissing(metadata, stored);
    if (missing !== undefined) onWarning(missing);
    stack.use(keepLayoutNames({ directory, metadata, others, onWarning }));
    const store = assemble(options, { directory, blobs, metadata, others, stored });
    return disposeWith(store, stack.move());
  } catch (error) {
    throw storageError(error, directory);
  }
}

/** A store in a temporary directory, which goes when it is disposed of. Nothing of it survives the process. */
export async function openEphemeralStore(
  settings: RegistryStoreSettings,
): Promise<OpenRegistryStore> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await temporaryDirectory("hive-registry"));
  const scratch = join(directory, "uploads");
  // Nobody but this process looks at it: blobs are all that is there.
  await makeBlobDirectories(directory);
  await mkdir(scratch);
  const blobs = createDiskBlobStore({ directory, scratch, durable: false });
  const metadata = createMemoryMetadataStore();
  const store = assemble(settings, { directory, blobs, metadata, others: [], stored: new Set() });
  return disposeWith(store, stack.move());
}

type Parts = {
  readonly directory: string;
  readonly blobs: BlobStore;
  readonly metadata: MetadataStore;
  readonly others: readonly Descriptor[];
  readonly stored: ReadonlySet<Digest>;
};

function assemble(
  { membership, limits = {} }: RegistryStoreSettings,
  { directory, blobs, metadata, others, stored }: Parts,
): Omit<OpenRegistryStore, typeof Symbol.asyncDispose> {
  const leases = createLeases();
  const { maxRepositories } = limits;
  const use = createStorageUse(directory, limits, sizesOf(blobs, limits, stored));
  const counted = {
    ...blobs,
    remove(digest: Digest) {
      const removed = blobs.remove(digest);
      if (removed) use.removed(digest);
      return removed;
    },
  };
  const store = createRegistryStore({
    blobs: createLeasedBlobs(counted, leases, use),
    metadata: createLeasedMetadata(metadata, leases, maxRepositories),
    membership,
    requireRoom(repository, bytes = 0) {
      requireRepository(metadata, repository, maxRepositories);
      use.require(bytes);
    },
  });
  return {
    ...store,
    directory,
    garbage: { blobs: counted, metadata, leases, membership, others },
  };
}

function disposeWith(
  store: Omit<OpenRegistryStore, typeof Symbol.asyncDispose>,
  resources: AsyncDisposable,
): OpenRegistryStore {
  return { ...store, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() };
}

/** Sizes of all blobs where there is a limit to them; it takes a look at each file. */
function sizesOf(
  blobs: BlobStore,
  { maxStorage }: StoreLimits,
  stored: ReadonlySet<Digest>,
): ReadonlyMap<Digest, number> {
  if (maxStorage === undefined) return new Map();
  return new Map([...stored].map((digest) => [digest, blobs.find(digest)?.size ?? 0]));
}
