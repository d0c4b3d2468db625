import type { Mirror } from "./upstream.ts";

/** A repository of another registry, and where its copies are. */
export type MirroredRepository = {
  readonly mirror: Mirror;
  /** Here: `docker.io/library/alpine`. */
  readonly repository: string;
  /** There: `library/alpine`. */
  readonly remote: string;
};
