import { HiveError } from "../../base/hive-error.ts";
import { storeBlob } from "../../oci/blob-store.ts";
import { RegistryError } from "../registry-error.ts";
import type { ManifestReference } from "../route.ts";
import { manifestRecord } from "../store/manifest-record.ts";
import type { ManifestRecord } from "../store/metadata-store.ts";
import { explainUpstream } from "./explain-upstream.ts";
import type { MirroredRepository } from "./mirrored-repository.ts";
import type { MirrorParts } from "./mirror-settings.ts";
import { createSingleFlights } from "./single-flights.ts";
import { createTimedMap } from "./timed-map.ts";
import type { UpstreamManifest } from "./upstream.ts";

export type FoundManifest = {
  readonly record: ManifestRecord;
  /** The content where it could not be stored. */
  readonly bytes?: Uint8Array;
  /** Why it may be out of date. */
  readonly warning?: string;
};

/** Manifests of other registries: those that are stored, and all others by asking. */
export type MirrorManifests = {
  /** @throws RegistryError 502 when nothing is stored and the upstream can't be asked. */
  find(place: MirroredRepository, reference: ManifestReference): Promise<FoundManifest | undefined>;
};

/** Entries of what is remembered of tags. */
const remembered = 10_000;

/** Asks for a tag once in a while, for a digest once, and for each only once at a time. */
export function createMirrorManifests(parts: MirrorParts): MirrorManifests {
  const { store, settings, counts, onWarning, onFailure } = parts;
  const flights = createSingleFlights<FoundManifest | undefined>();
  /** What was asked not long ago, with the warning for it. */
  const asked = createTimedMap<{ readonly warning?: string }>(remembered);
  const missing = createTimedMap<true>(remembered);

  const stored = (
    place: MirroredRepository,
    reference: ManifestReference,
  ): FoundManifest | undefined => {
    const { metadata, blobs } = store;
    const record =
      "tag" in reference
        ? metadata.findTag(place.repository, reference.tag)
        : metadata.findManifest(place.repository, reference.digest);
    return record !== undefined && blobs.find(record.digest) !== undefined ? { record } : undefined;
  };

  /** What came, kept if there is room for it. */
  async function keep(
    { repository }: MirroredRepository,
    { digest, bytes, manifest }: UpstreamManifest,
    tags: readonly string[],
  ): Promise<FoundManifest> {
    counts.fetchedBytes += bytes.byteLength;
    const record = manifestRecord(manifest, digest, bytes.byteLength);
    try {
      store.requireRoom(repository, bytes.byteLength);
      if (store.blobs.find(digest) === undefined) await storeBlob(store.blobs, bytes, { digest });
      await store.metadata.putManifest(repository, record, tags);
      return { record };
    } catch (error) {
      if (!(error instanceof RegistryError || error instanceof HiveError)) throw error;
      onWarning(`Cannot keep ${repository}@${digest}: ${error.message}`);
      return { record, bytes };
    }
  }

  async function fetch(
    place: MirroredRepository,
    reference: string,
    tags: readonly string[],
  ): Promise<FoundManifest | undefined> {
    const found = await place.mirror.upstream.findManifest(place.remote, reference);
    return found === undefined ? undefined : await keep(place, found, tags);
  }

  /** What a tag stands for now; only what is not here yet is read. */
  async function renew(
    place: MirroredRepository,
    tag: string,
    before: ManifestRecord | undefined,
  ): Promise<FoundManifest | undefined> {
    if (before === undefined) return await fetch(place, tag, [tag]);
    const digest = await place.mirror.upstream.findDigest(place.remote, tag);
    if (digest === before.digest) return { record: before };
    if (digest === undefined) {
      // What is listed here is what can be had by tag; the image itself stays.
      await store.metadata.deleteTag(place.repository, tag);
      return undefined;
    }
    const known = stored(place, { digest });
    if (known === undefined) return await fetch(place, digest, [tag]);
    await store.metadata.putManifest(place.repository, known.record, [tag]);
    return known;
  }

  async function ask(
    place: MirroredRepository,
    key: string,
    work: () => Promise<FoundManifest | undefined>,
  ): Promise<FoundManifest | undefined> {
    try {
      const found = await work();
      if (found === undefined) missing.set(key, true, Math.min(settings.pause, settings.ttl));
      else asked.set(key, {}, settings.ttl);
      return found;
    } catch (error) {
      const { name } = place.mirror;
      onFailure(name, error);
      const warning = `${name} could not be asked`;
      asked.set(key, { warning }, settings.pause);
      // Docker Hub says so of what is not there, too.
      if (error instanceof HiveError && error.kind === "unauthorized") {
        missing.set(key, true, settings.pause);
      }
      throw error;
    }
  }

  async function findByTag(
    place: MirroredRepository,
    tag: string,
  ): Promise<FoundManifest | undefined> {
    const key = `${place.repository}:${tag}`;
    const before = stored(place, { tag });
    const recent = asked.get(key);
    if (before !== undefined && settings.isPinned(tag)) return hit(before);
    if (before !== undefined && recent !== undefined) {
      return recent.warning === undefined ? hit(before) : stale(before, recent.warning);
    }
    if (before === undefined && missing.get(key) === true) return undefined;
    const flight = flights.run(key, () => ask(place, key, () => renew(place, tag, before?.record)));
    if (before === undefined) return await answer(place, flight);
    const slow = Symbol("slow");
    try {
      const found = await within(flight, settings.patience, slow);
      if (found === slow) {
        const warning = `${place.mirror.name} is slow to answer`;
        // Whoever comes next need not wait for it.
        asked.set(key, { warning }, settings.pause);
        return stale(before, warning);
      }
      return found?.record.digest === before.record.digest ? hit(found) : miss(found);
    } catch (error) {
      if (!(error instanceof HiveError)) throw error;
      return stale(before, `${place.mirror.name} could not be asked`);
    }
  }

  async function answer(
    { mirror }: MirroredRepository,
    flight: Promise<FoundManifest | undefined>,
  ): Promise<FoundManifest | undefined> {
    try {
      return miss(await flight);
    } catch (error) {
      counts.misses++;
      if (error instanceof HiveError && error.kind === "unauthorized") return undefined;
      throw explainUpstream(mirror.name, error);
    }
  }

  const hit = (found: FoundManifest): FoundManifest => {
    counts.hits++;
    return found;
  };
  const stale = (found: FoundManifest, warning: string): FoundManifest => {
    counts.stale++;
    return { ...found, warning };
  };
  const miss = (found: FoundManifest | undefined): FoundManifest | undefined => {
    counts.misses++;
    return found;
  };

  return {
    async find(place, reference) {
      if ("tag" in reference) return await findByTag(place, reference.tag);
      const here = stored(place, reference);
      if (here !== undefined) return hit(here);
      const { digest } = reference;
      const key = `${place.repository}@${digest}`;
      if (missing.get(key) === true) return undefined;
      return await answer(
        place,
        flights.run(key, () => ask(place, key, () => fetch(place, digest, []))),
      );
    },
  };
}

/** What `task` gives within so many milliseconds, else `late`; what it does after that is nobody's business here. */
async function within<Value, Late>(
  task: Promise<Value>,
  milliseconds: number,
  late: Late,
): Promise<Value | Late> {
  const { promise, resolve } = Promise.withResolvers<Late>();
  const timer = setTimeout(() => resolve(late), milliseconds);
  task.catch(() => undefined);
  try {
    return await Promise.race([task, promise]);
  } finally {
    clearTimeout(timer);
  }
}
