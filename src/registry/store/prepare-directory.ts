import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../oci/atomic-file.ts";
import { syncDirectory } from "../../oci/sync-directory.ts";
import { checkLayoutVersion } from "../../oci/layout.ts";
import { emptyLayoutIndex } from "../../oci/layout-index.ts";
import { checkStoreFormat } from "./store-format.ts";

/**
 * Makes what a store is made of where it is missing, and sweeps unfinished uploads. To be called by whom the store
 * belongs to alone. The result is the directory for unfinished files.
 * @throws HiveError when the directory holds something else, or is of a newer hive.
 */
export async function prepareDirectory(directory: string): Promise<string> {
  await checkLayoutVersion(join(directory, "oci-layout"));
  await checkStoreFormat(directory);
  for (const algorithm of ["sha256", "sha512"]) {
    await mkdir(join(directory, "blobs", algorithm), { recursive: true });
  }
  await syncDirectory(join(directory, "blobs"));
  const missing: Readonly<Record<string, string>> = {
    "index.json": JSON.stringify(emptyLayoutIndex()),
    "oci-layout": JSON.stringify({ imageLayoutVersion: "1.0.0" }),
  };
  for (const [name, text] of Object.entries(missing)) {
    const path = join(directory, name);
    if (!existsSync(path)) await writeFileAtomically(path, text);
  }
  const uploads = join(directory, "uploads");
  await rm(uploads, { recursive: true, force: true });
  await mkdir(uploads);
  return uploads;
}
