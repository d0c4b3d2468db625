import { needsOwnFrontend } from "../buildkit/dockerfile-syntax.ts";
import { hasRemoteAdd } from "../dockerfile/has-remote-add.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { Target, TargetId } from "../plan/plan.ts";
import type { BuiltImage } from "./build-target.ts";
import type { ContextFingerprint } from "./context-fingerprint.ts";

/** Raised whenever the same inputs may give another image than before. */
const keyVersion = 1;

/** Nanoseconds between two ticks of a file system's clock, at the most: of a good one, and of one that counts seconds. */
const fineTick = 20_000_000n;
const coarseTick = 2_000_000_000n;

type Inputs = {
  readonly target: Target;
  readonly needs: ReadonlyMap<TargetId, BuiltImage>;
  /** Of the context's files. */
  readonly fingerprint: () => Promise<ContextFingerprint>;
  /** Ignore patterns for this Dockerfile alone. */
  readonly ignore?: string | undefined;
  /** The exporter's settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** The daemon's version: another frontend may make another image. */
  readonly frontend: string;
};

/**
 * A digest of everything that goes into a target: the same key, the same image.
 * Undefined when that can't be told: the Dockerfile names something on the network that may change (a tag of an image
 * from elsewhere, a URL, a frontend), or a file was touched only a moment ago, and could be once more within the same
 * tick of the file system's clock.
 */
export async function inputKey({
  target,
  needs,
  fingerprint,
  ignore,
  settings,
  frontend,
}: Inputs): Promise<string | undefined> {
  const { text } = target.dockerfile;
  if (!target.externals.every(({ reference }) => reference.includes("@sha256:"))) return undefined;
  if (needsOwnFrontend(new TextEncoder().encode(text)) || hasRemoteAdd(text)) return undefined;
  const { digest, newest } = await fingerprint();
  if (isFresh(newest)) return undefined;
  const inputs = [
    keyVersion,
    frontend,
    sorted(settings),
    formatPlatform(target.platform),
    text,
    ignore,
    sorted(target.buildArgs),
    sorted(target.labels),
    target.dependencies.map(({ target: id, reference }) => [id, reference, needs.get(id)?.digest]),
    digest,
  ];
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(inputs)).digest("hex");
}

function isFresh(newest: bigint): boolean {
  const tick = newest % 1_000_000_000n === 0n ? coarseTick : fineTick;
  return newest > BigInt(Date.now()) * 1_000_000n - tick;
}

function sorted(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
