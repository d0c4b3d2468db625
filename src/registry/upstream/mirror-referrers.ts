import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { MirroredRepository } from "./mirrored-repository.ts";
import type { MirrorParts } from "./mirror-settings.ts";
import { createSingleFlights } from "./single-flights.ts";
import { createTimedMap } from "./timed-map.ts";

/**
 * What refers to a manifest of another registry, as that registry lists it, asked for as rarely as a tag. Undefined when it can't
 * be asked: what is stored is all that is known then.
 */
export type MirrorReferrers = (
  place: MirroredRepository,
  digest: Digest,
) => Promise<readonly Descriptor[] | undefined>;

/** Lists that are remembered: some may be long. */
const remembered = 500;

export function createMirrorReferrers(parts: MirrorParts): MirrorReferrers {
  const { settings, counts, onFailure } = parts;
  const flights = createSingleFlights<readonly Descriptor[] | undefined>();
  const asked = createTimedMap<readonly Descriptor[] | "unanswered">(remembered);

  async function ask(
    { mirror, remote }: MirroredRepository,
    key: string,
    digest: Digest,
  ): Promise<readonly Descriptor[] | undefined> {
    try {
      const list = await mirror.upstream.referrers(remote, digest);
      counts.misses++;
      asked.set(key, list, settings.ttl);
      return list;
    } catch (error) {
      if (!(error instanceof HiveError)) throw error;
      onFailure(mirror.name, error);
      counts.stale++;
      asked.set(key, "unanswered", settings.pause);
      return undefined;
    }
  }

  return async (place, digest) => {
    const key = `${place.repository}@${digest}`;
    const known = asked.get(key);
    if (known === "unanswered") return undefined;
    return known ?? (await flights.run(key, () => ask(place, key, digest)));
  };
}
