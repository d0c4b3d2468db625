import type { RegistryStore } from "../store/registry-store.ts";
import type { MirrorCounts } from "./mirror-counts.ts";

/** How copies are kept. Times are in milliseconds. */
export type MirrorSettings = {
  /** For how long a tag is taken to stand for what it stood for when its upstream was asked. */
  readonly ttl: number;
  /** For how long what the upstream does not have is not asked for again, and what it did not answer. */
  readonly pause: number;
  /** How long an answer about a tag may take before what is stored is given. */
  readonly patience: number;
  /** Blobs that are fetched at a time. */
  readonly downloads: number;
  /** What one registry is asked at a time besides. */
  readonly questions: number;
  /** How long a download, or a question, waits for its turn. */
  readonly queue: number;
  /** For how long a download goes on that nobody reads any more. */
  readonly linger: number;
  /** How long it may then take to its end where that is near. */
  readonly finish: number;
  /** A tag that is never asked for again once it is here. */
  readonly isPinned: (tag: string) => boolean;
};

export const defaultMirrorSettings: MirrorSettings = {
  ttl: 60_000,
  pause: 30_000,
  patience: 5_000,
  downloads: 16,
  questions: 32,
  queue: 60_000,
  linger: 10_000,
  finish: 60_000,
  isPinned: () => false,
};

/** What the parts of a mirror share. */
export type MirrorParts = {
  readonly store: RegistryStore;
  readonly settings: MirrorSettings;
  readonly counts: MirrorCounts;
  /** Takes what the operator should know, a sentence. */
  readonly onWarning: (text: string) => void;
  /** Takes what an upstream, by its name, did not answer. */
  readonly onFailure: (name: string, error: unknown) => void;
};
