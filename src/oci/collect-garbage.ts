import type { ImageLayout } from "./layout.ts";
import { readLayoutIndex } from "./layout-index.ts";
import { reachableBlobs } from "./reachable-blobs.ts";
import { storedBlobs } from "./stored-blobs.ts";

export type GarbageResult =
  | { readonly kind: "collected"; readonly blobs: number; readonly bytes: number }
  /** Another run uses the layout: it may count on a blob that no name leads to yet. */
  | { readonly kind: "busy"; readonly runs: number };

/**
 * Removes blobs that nothing in `index.json` leads to. What this run has not given a name is garbage, too.
 * While it works no other process can start to use the layout, and when one does already nothing is removed.
 * @throws HiveError when a manifest is damaged; nothing is removed then.
 */
export async function collectGarbage(layout: ImageLayout): Promise<GarbageResult> {
  return await layout.exclusively(async (others) => {
    if (others.length > 0) return { kind: "busy", runs: others.length };
    const index = await readLayoutIndex(layout.directory);
    const keep = await reachableBlobs(layout.blobs, index?.manifests ?? []);
    let blobs = 0;
    let bytes = 0;
    for (const digest of await storedBlobs(layout.directory)) {
      if (keep.has(digest)) continue;
      bytes += layout.blobs.find(digest)?.size ?? 0;
      if (layout.blobs.remove(digest)) blobs += 1;
    }
    return { kind: "collected", blobs, bytes };
  });
}
