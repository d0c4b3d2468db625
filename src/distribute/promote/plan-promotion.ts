import { mapLimited } from "../../base/map-limited.ts";
import type { Digest } from "../../oci/digest.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { TaggedManifest } from "../transfer/image-transfer.ts";
import { failedTests } from "./failed-tests.ts";
import { findAttached } from "./find-attached.ts";
import { findEvidence } from "./find-evidence.ts";
import { hasRecord } from "./promotion-record.ts";

/** An image to promote: where it is, and what it becomes. */
export type Candidate = {
  readonly from: { readonly repository: string; readonly tag: string };
  readonly to: {
    readonly repository: string;
    /** Stays what it is for ever. */
    readonly tag: string;
    /** Names that move from version to version, each with the tag that it has where the image comes from. */
    readonly aliases: readonly { readonly tag: string; readonly from: string }[];
  };
};

/** What the gate says of a candidate. */
export type Promotion = Candidate & {
  /** Undefined: there is no such image. */
  readonly digest: Digest | undefined;
  /** What was found for each requirement; nothing for what is missing. */
  readonly evidence: readonly Evidence[];
  /** Why it may not go; empty when it may. */
  readonly refusals: readonly string[];
  /** Aliases that are to move: those that stand for the image where it comes from, and not yet where it goes. */
  readonly aliases: readonly string[];
  /** Whether its own tag is to be set. */
  readonly isNew: boolean;
  /** Whether nothing at the destination says yet how it came there. */
  readonly needsRecord: boolean;
  /** What is attached to it by tags, as far as those are not there yet. */
  readonly attachedTags: readonly TaggedManifest[];
};

/** One that may go. */
export type PassedPromotion = Promotion & { readonly digest: Digest };

export type Evidence = { readonly requirement: string; readonly digests: readonly Digest[] };

type PromotionOptions = {
  readonly from: RemoteRegistry;
  readonly to: RemoteRegistry;
  readonly require: readonly string[];
  /** Whether a tag that stands for another image may be moved. */
  readonly replace: boolean;
};

const parallel = 8;

/**
 * Looks at candidates, at where they come from and where they go, and writes nothing.
 * @throws HiveError when a registry can't be asked
 */
export async function planPromotion(
  candidates: readonly Candidate[],
  options: PromotionOptions,
): Promise<Promotion[]> {
  return await mapLimited(candidates, parallel, (candidate) => judge(candidate, options));
}

async function judge(candidate: Candidate, options: PromotionOptions): Promise<Promotion> {
  const { from, to, replace } = options;
  const source = await from.headManifest(candidate.from.repository, candidate.from.tag);
  if (source === undefined) return missing(candidate, from);
  const { digest } = source;
  const there = await to.headManifest(candidate.to.repository, candidate.to.tag);
  const isNew = there?.digest !== digest;
  const { evidence, refusals, tags } = await lookAt(candidate, digest, options);
  if (there !== undefined && isNew && !replace) {
    const { repository, tag } = candidate.to;
    refusals.push(`${repository}:${tag} on ${to.host} is another image, ${there.digest}`);
  }
  return {
    ...candidate,
    digest,
    evidence,
    refusals,
    aliases: await movingAliases(candidate, digest, options),
    isNew,
    needsRecord: isNew || !(await hasRecord(to, candidate.to, digest)),
    // One that is there may have more than it has here, as another signature.
    attachedTags: await onlyNew(to, candidate.to.repository, tags),
  };
}

function missing(candidate: Candidate, { host }: RemoteRegistry): Promotion {
  const { repository, tag } = candidate.from;
  return {
    ...candidate,
    digest: undefined,
    evidence: [],
    refusals: [`there is no ${repository}:${tag} on ${host}`],
    aliases: [],
    isNew: false,
    needsRecord: false,
    attachedTags: [],
  };
}

/** What is attached to a candidate, and which of the conditions are not met. */
async function lookAt(
  { from: { repository } }: Candidate,
  digest: Digest,
  { from, require }: PromotionOptions,
): Promise<{ evidence: Evidence[]; refusals: string[]; tags: readonly TaggedManifest[] }> {
  const attached = await findAttached(from, repository, digest);
  const evidence: Evidence[] = [];
  const refusals: string[] = [];
  for (const requirement of require) {
    const { found, lacking } = findEvidence(attached, requirement);
    evidence.push({ requirement, digests: [...new Set(found.map((one) => one.digest))] });
    if (lacking !== undefined) refusals.push(lacking);
    if (requirement !== "tests") continue;
    const failures = await mapLimited(found, parallel, (one) => failedTests(from, repository, one));
    const failed = failures.reduce((sum: number, count = 0) => sum + count, 0);
    if (failed > 0) refusals.push(`${failed} of its tests failed`);
    if (failures.includes(undefined)) refusals.push("a report of its tests can't be read");
  }
  return { evidence, refusals, tags: attached.tags };
}

/** An alias that stands for something else at the source is another image's: it is left alone. */
async function movingAliases(
  { from: { repository }, to: target }: Candidate,
  digest: Digest,
  { from, to }: PromotionOptions,
): Promise<string[]> {
  const found = await mapLimited(target.aliases, parallel, async (alias) => {
    const source = await from.headManifest(repository, alias.from);
    if (source?.digest !== digest) return [];
    const there = await to.headManifest(target.repository, alias.tag);
    return there?.digest === digest ? [] : [alias.tag];
  });
  return found.flat();
}

async function onlyNew(
  to: RemoteRegistry,
  repository: string,
  tags: readonly TaggedManifest[],
): Promise<TaggedManifest[]> {
  const found = await mapLimited(tags, parallel, async (one) =>
    (await to.headManifest(repository, one.tag)) === undefined ? [one] : [],
  );
  return found.flat();
}
