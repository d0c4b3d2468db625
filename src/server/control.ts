import type { Access } from "../registry/access.ts";
import { RegistryError } from "../registry/registry-error.ts";

/** What a server tells about itself, to its own commands. */
export type ServerStatus = {
  readonly version: string;
  readonly pid: number;
  readonly url: string;
  /** Absolute path; absent when nothing is kept. */
  readonly storage?: string;
  /** ISO 8601. */
  readonly started: string;
  readonly stopping: boolean;
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
  /** Uploads that were begun and have not ended. */
  readonly uploads: number;
  /** Bytes of blobs. */
  readonly bytes: number;
  readonly tls: boolean;
  readonly users: boolean;
};
