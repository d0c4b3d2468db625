import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { BlobStore } from "../../oci/blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { syncDirectory } from "../../oci/sync-directory.ts";
import { referenceName } from "../../oci/layout-index.ts";
import { openJournalMetadataStore } from "./journal-metadata-store.ts";
import type { Membership } from "./registry-store.ts";
import { imageReference, seedMetadata } from "./seed-metadata.ts";

type ImportOptions = {
  /** What `index.json` lists. */
  readonly entries: readonly Descriptor[];
  readonly blobs: BlobStore;
  /** The journal to write. */
  readonly path: string;
  readonly membership: Membership;
  readonly onWarning: (message: string) => void;
};

/**
 * Makes the journal of a layout that has none: what `index.json` names as `repository:tag` becomes that tag. Also the
 * way back when a journal was lost. The journal is there in whole or not at all.
 */
export async function importLayout(options: ImportOptions): Promise<void> {
  const { entries, blobs, path, membership, onWarning } = options;
  const temporary = `${path}.import`;
  await rm(temporary, { force: true });
  {
    await using metadata = await openJournalMetadataStore({
      path: temporary,
      // Synced once, at the end.
      sync: "never",
      onWarning,
    });
    const named = entries.map((entry) => ({
      name: referenceName(entry) ?? "",
      descriptor: entry,
    }));
    await seedMetadata(metadata, blobs, named, { link: membership === "repository" });
    const lost = named.filter(({ name }) => {
      const reference = imageReference(name);
      return (
        reference === undefined ||
        metadata.findTag(reference.repository, reference.tag) === undefined
      );
    });
    if (lost.length > 0) {
      onWarning(
        `${lost.length} of ${entries.length} images in index.json are not served: ` +
          "a registry needs names as repository:tag, and manifests that can be read.",
      );
    }
  }
  const file = await open(temporary, "r+");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}
