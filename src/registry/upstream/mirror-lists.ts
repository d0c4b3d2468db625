import { HiveError } from "../../base/hive-error.ts";
import type { Mirror } from "./upstream.ts";
import type { MirrorParts } from "./mirror-settings.ts";
import { createSingleFlights } from "./single-flights.ts";
import { createTimedMap } from "./timed-map.ts";

/** Lists of other registries, of tags or of what refers to a manifest, asked for as rarely as a tag is. */
export type MirrorLists<Item> = {
  /** Undefined when the registry can't be asked: what is stored is all that is known then. */
  find(
    mirror: Mirror,
    key: string,
    ask: () => Promise<readonly Item[]>,
  ): Promise<readonly Item[] | undefined>;
};

/**
 * Lists that are remembered, and bytes of one: who runs the other registry must not fill our memory. Of long ones only a few
 * are, or each page of them would cost all of it there.
 */
const short = { lists: 500, bytes: 64 * 1024 };
const long = { lists: 16, bytes: 4 * 1024 * 1024 };

/** With nothing known. */
export function createMirrorLists<Item>(parts: MirrorParts): MirrorLists<Item> {
  const { settings, counts, onFailure } = parts;
  const flights = createSingleFlights<readonly Item[] | undefined>();
  const known = createTimedMap<readonly Item[] | "unanswered">(short.lists);
  const knownLong = createTimedMap<readonly Item[]>(long.lists);

  function remember(key: string, list: readonly Item[]): void {
    const { length } = JSON.stringify(list);
    if (length <= short.bytes) known.set(key, list, settings.ttl);
    else if (length <= long.bytes) knownLong.set(key, list, settings.ttl);
  }

  return {
    async find({ name }, key, ask) {
      const before = known.get(key) ?? knownLong.get(key);
      if (before === "unanswered") return undefined;
      if (before !== undefined) return before;
      return await flights.run(key, async () => {
        try {
          const list = await ask();
          counts.misses++;
          remember(key, list);
          return list;
        } catch (error) {
          if (!(error instanceof HiveError)) throw error;
          onFailure(name, error);
          counts.stale++;
          known.set(key, "unanswered", settings.pause);
          return undefined;
        }
      });
    },
  };
}
