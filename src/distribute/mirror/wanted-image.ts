import type { Digest } from "../../oci/digest.ts";

/** An image of another registry, or several by their tags, of which copies are wanted. */
export type WantedImage = {
  /** `host[:port]`. */
  readonly registry: string;
  readonly repository: string;
  /** Which tags; there is no `tag` and no `digest` then. */
  readonly tags?: RegExp;
  readonly tag?: string;
  readonly digest?: Digest;
  /** As it was asked for, for messages: `docker.io/library/debian:*-slim`. */
  readonly written: string;
};
