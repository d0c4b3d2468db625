import type { Digest } from "../oci/digest.ts";

/** A name that stands for what it should. */
export type Finalized = {
  /** `base:1.0`, as it is written where the name is. */
  readonly name: string;
  readonly digest: Digest;
  /** An alias is `of` another name, an index or an image of one platform is not. */
  readonly of?: string;
  readonly platforms: readonly string[];
  /** Whether it did not stand for it before. */
  readonly changed: boolean;
};
