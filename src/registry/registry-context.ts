import type { Access } from "./access/access.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import type { RegistryStore } from "./store/registry-store.ts";
import type { TagRules } from "./tag-rules.ts";
import type { Mirrors } from "./upstream/create-mirrors.ts";
import type { UploadSessions } from "./upload-sessions.ts";

/** What endpoints work with. */
export type RegistryContext = {
  readonly store: RegistryStore;
  readonly uploads: UploadSessions;
  readonly limits: RegistryLimits;
  /** For manifests that are being received. */
  readonly memory: MemoryBudget;
  readonly incompleteImages: IncompleteImages;
  /** What the sender may do. The request itself was let through; this is for what else it names. */
  readonly access: Access;
  /** Undefined: every image here is our own. */
  readonly mirrors: Mirrors | undefined;
  /** Undefined: there are none for the sender. */
  readonly tagRules: TagRules | undefined;
  /** Tells the server that this request may be idle for as long as the upload's own limit allows. */
  readonly keepOpen: () => void;
};

/**
 * Whether an image may be pushed before its layers. Refusing tells a broken push at once; accepting is what copies of
 * parts need.
 */
export type IncompleteImages = "refuse" | "accept";

export type RegistryLimits = {
  /** Bytes of a manifest. */
  readonly manifestSize: number;
  /** Bytes of the manifests that are being received, over all of them. */
  readonly manifestMemory: number;
  /** Milliseconds in which an upload may bring nothing before it is given up. */
  readonly uploadStall: number;
  /** Uploads open at the same time. */
  readonly uploads: number;
  /** Entries of one page of a list. */
  readonly pageSize: number;
};

/** What a registry allows where nobody says otherwise. */
export const defaultLimits: RegistryLimits = {
  // The least that a registry should take, and the most that common ones do.
  manifestSize: 4 * 1024 * 1024,
  // Clients may be slow, and each holds what it sent.
  manifestMemory: 32 * 1024 * 1024,
  // BuildKit opens uploads early and sends the body when it gets to it.
  uploadStall: 10 * 60 * 1000,
  uploads: 1000,
  pageSize: 1000,
};
