import { createMetadataStore } from "./create-metadata-store.ts";
import { emptyMetadataState } from "./metadata-state.ts";
import type { MetadataStore } from "./metadata-store.ts";

/** Metadata that lasts as long as the process. */
export function createMemoryMetadataStore(): MetadataStore {
  return createMetadataStore(emptyMetadataState(), {
    append: () => undefined,
    settle: async () => undefined,
  });
}
