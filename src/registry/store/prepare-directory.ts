import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkLayoutVersion, makeLayout } from "../../oci/make-layout.ts";
import { syncDirectory } from "../../oci/sync-directory.ts";
import { checkStoreFormat } from "./store-format.ts";

/**
 * Makes what a store is made of where it is missing, and sweeps unfinished uploads. To be called by whom the store
 * belongs to alone. The result is the directory for unfinished files.
 * @throws HiveError when the directory holds something else, or is of a newer hive.
 */
export async function prepareDirectory(directory: string): Promise<string> {
  await checkLayoutVersion(directory);
  await checkStoreFormat(directory);
  await makeLayout(directory);
  await syncDirectory(join(directory, "blobs"));
  const uploads = join(directory, "uploads");
  await rm(uploads, { recursive: true, force: true });
  await mkdir(uploads);
  return uploads;
}
