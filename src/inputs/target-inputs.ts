import type { Digest } from "../oci/digest.ts";

/**
 * Everything that an image is made of, as plain data: what its key is a digest of, and what is kept to tell later what
 * changed. Names are sorted. No value of a secret is in it.
 */
export type TargetInputs = {
  /** The daemon's version: another frontend may make another image. */
  readonly frontend: string;
  /** What the exporter is told about the image. */
  readonly exporter: Names;
  readonly platform: string;
  /** The daemon's own platform, where the Dockerfile asks for it. */
  readonly native?: string;
  /** Of its text, as it is built. */
  readonly dockerfile: Digest;
  /** Of the context's listing. */
  readonly context: Digest;
  readonly buildArgs: Names;
  readonly labels: Names;
  /** Seconds since 1970. */
  readonly epoch?: number;
  /** Stage, network, entitlements. */
  readonly settings: Names;
  /** Named contexts; a local directory by the digest of what it holds. */
  readonly contexts: Names;
  /** Id -> source. */
  readonly secrets: Names;
  readonly ssh: readonly string[];
  /** What it builds on, once for each way it is referred to. */
  readonly parents: readonly ParentInput[];
  /** Images from elsewhere: reference -> digest. */
  readonly bases: Names;
};

/** One of the images that a target is built on. */
export type ParentInput = {
  readonly target: string;
  readonly reference?: string;
  /** Undefined as long as it must be built. */
  readonly digest?: Digest | undefined;
};

type Names = Readonly<Record<string, string>>;

/** Raised whenever the same inputs may give another image than before. */
const version = 2;

/** The same key, the same image. Hexadecimal. */
export function inputKey(inputs: TargetInputs): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify([version, inputs])).digest("hex");
}
