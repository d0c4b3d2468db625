import { existsSync } from "node:fs";
import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { createDiskBlobStore } from "../../oci/disk-blob-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { LayoutDirectory } from "../../distribute/transfer/layout-source.ts";
import { readLayoutIndex, referenceName } from "../../oci/layout-index.ts";

/** An image layout of any maker, and what it names. */
export type ReadLayout = LayoutDirectory & {
  readonly names: readonly { readonly name: string; readonly descriptor: Descriptor }[];
};

/** Opens an image layout to read from: nothing is written into the directory. @throws HiveError "usage" where there is none */
export async function readLayout(directory: string): Promise<ReadLayout> {
  const index = existsSync(join(directory, "oci-layout"))
    ? await readLayoutIndex(directory)
    : undefined;
  if (index === undefined) {
    throw new HiveError("usage", `Cannot use "${directory}": it is no OCI image layout`, {
      hint: "It has a file oci-layout, as a directory of `skopeo copy ... oci:DIRECTORY` does.",
    });
  }
  return {
    directory,
    blobs: createDiskBlobStore({ directory, scratch: directory }),
    names: index.manifests.flatMap((descriptor) => {
      const name = referenceName(descriptor);
      return name === undefined ? [] : [{ name, descriptor }];
    }),
  };
}
