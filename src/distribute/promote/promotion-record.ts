import { HiveError } from "../../base/hive-error.ts";
import type { Digest } from "../../oci/digest.ts";
import { createReferringArtifact } from "../../oci/referring-artifact.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import { putArtifact } from "../../remote/put-artifact.ts";
import type { Promoter } from "./find-promoter.ts";
import type { PassedPromotion } from "./plan-promotion.ts";

/** The artifact that says how an image came to a registry. */
export const promotionType = "application/vnd.hive.promotion.v1+json";

type RecordOptions = {
  /** `ci.example.com`. */
  readonly from: string;
  readonly promoter: Promoter;
  readonly time: Date;
  readonly version: string;
};

/** Lists of referrers show annotations: whether there is a record for a tag takes one question. */
const imageKey = "dev.hive.promotion.image";

type Place = { readonly repository: string; readonly tag: string };

/** Whether an image has a record of how it came to a tag: those of other registries on its way do not count. @throws HiveError */
export async function hasRecord(
  registry: RemoteRegistry,
  place: Place,
  digest: Digest,
): Promise<boolean> {
  const image = nameOf(registry, place);
  return (await registry.referrers(place.repository, digest)).some(
    ({ artifactType, annotations }) =>
      artifactType === promotionType && annotations?.[imageKey] === image,
  );
}

/**
 * Attaches to a promoted image who brought it there, when, from where, and on what evidence.
 * @returns the record's digest
 * @throws HiveError
 */
export async function attachRecord(
  registry: RemoteRegistry,
  { digest, from, to, aliases, evidence }: PassedPromotion,
  { from: host, promoter, time, version }: RecordOptions,
): Promise<Digest> {
  const created = time.toISOString().replace(/\.\d+Z$/, "Z");
  const image = nameOf(registry, to);
  const record = {
    image,
    digest,
    from: `${host}/${from.repository}:${from.tag}`,
    aliases,
    ...promoter,
    time: created,
    evidence,
    tool: `hive ${version}`,
  };
  const subject = await registry.headManifest(to.repository, digest);
  if (subject === undefined) {
    throw new HiveError("failed", `${image} is gone: somebody has removed it`, {
      hint: "Promote it again.",
    });
  }
  const artifact = createReferringArtifact({
    type: promotionType,
    content: record,
    subject,
    annotations: {
      "org.opencontainers.image.created": created,
      [imageKey]: image,
      "dev.hive.promotion.by": promoter.by,
      "dev.hive.promotion.from": record.from,
    },
  });
  await putArtifact(registry, to.repository, artifact);
  return artifact.digest;
}

function nameOf({ host }: RemoteRegistry, { repository, tag }: Place): string {
  return `${host}/${repository}:${tag}`;
}
