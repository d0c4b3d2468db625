import { ContentMismatch, type StoredBlob } from "../../oci/blob-store.ts";
import { type Digest, digestAlgorithm } from "../../oci/digest.ts";
import { HiveError } from "../../base/hive-error.ts";
import { Semaphore } from "../../base/semaphore.ts";
import { RegistryError } from "../registry-error.ts";
import { type BlobDownload, startDownload } from "./blob-download.ts";
import { explainUpstream } from "./explain-upstream.ts";
import type { MirroredRepository } from "./mirrored-repository.ts";
import type { MirrorParts } from "./mirror-settings.ts";
import { createSingleFlights } from "./single-flights.ts";
import { createTimedMap } from "./timed-map.ts";
import type { UpstreamBlob } from "./upstream.ts";

/** How a blob that is not here can be had. */
export type FoundBlob =
  /** It is here now. */
  | { readonly kind: "stored"; readonly blob: StoredBlob }
  /** It is on the way into the store. */
  | { readonly kind: "coming"; readonly download: BlobDownload }
  /** It does not fit: straight from the upstream. */
  | { readonly kind: "passing"; readonly blob: UpstreamBlob };

/** Blobs of other registries that are not stored. Disposing ends what is under way. */
export type MirrorBlobs = Disposable & {
  /** @throws RegistryError 502 when the upstream can't be asked, 429 when too much is fetched. */
  find(
    place: MirroredRepository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<FoundBlob | undefined>;
  /** Bytes, without fetching it. */
  size(place: MirroredRepository, digest: Digest): Promise<number | undefined>;
};

type Running = {
  readonly download: BlobDownload;
  /** The repositories that have the blob, as their upstreams say: they have it here once it is stored. */
  readonly repositories: Set<string>;
};

/** Fetches each blob once, however many ask for it, and for whichever repositories. */
export function createMirrorBlobs(parts: MirrorParts): MirrorBlobs {
  const { store, settings, counts, onWarning, onFailure } = parts;
  const opening = createSingleFlights<FoundBlob | undefined | "no room">();
  const running = new Map<Digest, Running>();
  const begins = new Map<Digest, Promise<unknown>>();
  const missing = createTimedMap<true>(10_000);
  const turns = new Semaphore(settings.downloads);
  const stop = new AbortController();

  const here = ({ repository }: MirroredRepository, digest: Digest): FoundBlob | undefined => {
    const blob = store.findBlob(repository, digest);
    return blob && { kind: "stored", blob };
  };

  /** From here on it can be answered with what comes. A small one may have come as a whole. */
  async function begun(
    place: MirroredRepository,
    digest: Digest,
    download: BlobDownload,
  ): Promise<FoundBlob> {
    try {
      await download.begun;
    } catch (error) {
      throw explainUpstream(place.mirror.name, explainFailure(error, digest));
    }
    return here(place, digest) ?? { kind: "coming", download };
  }

  async function turn(): Promise<Disposable> {
    const late = AbortSignal.timeout(settings.queue);
    try {
      return await turns.acquire(AbortSignal.any([late, stop.signal]));
    } catch (error) {
      if (!late.aborted) throw error;
      throw new RegistryError(429, "TOOMANYREQUESTS", "too many blobs are being fetched", {
        "Retry-After": "5",
      });
    }
  }

  /**
   * The content may be here already, as another repository's of the same registry: whether it is this one's as well is for
   * that registry to say. Of what came from elsewhere it would have to send the bytes: its word opens nothing.
   */
  async function link(place: MirroredRepository, digest: Digest): Promise<FoundBlob | undefined> {
    const size = await place.mirror.upstream.blobSize(place.remote, digest);
    const blob = store.blobs.find(digest);
    if (size === undefined || blob === undefined) return undefined;
    await store.metadata.addBlob(place.repository, digest);
    return { kind: "stored", blob };
  }

  /** Images of one family that are pulled together have layers in common: the first fetches them, the others read along. */
  async function join(place: MirroredRepository, digest: Digest): Promise<FoundBlob | undefined> {
    const other = running.get(digest);
    if (other === undefined || !isOf(place, other.repositories)) return undefined;
    const size = await place.mirror.upstream.blobSize(place.remote, digest);
    if (size === undefined || running.get(digest) !== other) return undefined;
    other.repositories.add(place.repository);
    return { kind: "coming", download: other.download };
  }

  /** Runs what begins a download after what did so before for the same content. */
  async function inTurn<Value>(digest: Digest, work: () => Promise<Value>): Promise<Value> {
    const own = (begins.get(digest) ?? Promise.resolve()).then(work, work);
    begins.set(digest, own);
    try {
      return await own;
    } finally {
      if (begins.get(digest) === own) begins.delete(digest);
    }
  }

  async function begin(
    place: MirroredRepository,
    digest: Digest,
  ): Promise<FoundBlob | undefined | "no room"> {
    const joined = await join(place, digest);
    if (joined !== undefined) return joined;
    if (store.blobs.find(digest) !== undefined && cameFrom(place, digest)) {
      const linked = await link(place, digest);
      if (linked !== undefined) return linked;
    }
    const permit = await turn();
    const end = new AbortController();
    try {
      const signal = AbortSignal.any([stop.signal, end.signal]);
      const found = await place.mirror.upstream.findBlob(place.remote, digest, signal);
      if (found === undefined || !hasRoom(place, found.size)) {
        end.abort();
        permit[Symbol.dispose]();
        return found && "no room";
      }
      return { kind: "coming", download: beginDownload(place, digest, found, { permit, end }) };
    } catch (error) {
      permit[Symbol.dispose]();
      throw error;
    }
  }

  function cameFrom(place: MirroredRepository, digest: Digest): boolean {
    return isOf(place, store.metadata.repositoriesWithBlob(digest));
  }

  /** Whether one of the repositories is of the same registry elsewhere. */
  function isOf({ repository }: MirroredRepository, names: Iterable<string>): boolean {
    const prefix = repository.slice(0, repository.indexOf("/") + 1);
    for (const name of names) if (name.startsWith(prefix)) return true;
    return false;
  }

  function hasRoom({ repository }: MirroredRepository, size: number | undefined): boolean {
    try {
      store.requireRoom(repository, size);
      return true;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      onWarning(`Cannot keep what is fetched for ${repository}, it is handed on: ${error.message}`);
      return false;
    }
  }

  function beginDownload(
    place: MirroredRepository,
    digest: Digest,
    { size, content }: UpstreamBlob,
    { permit, end }: { readonly permit: Disposable; readonly end: AbortController },
  ): BlobDownload {
    const repositories = new Set([place.repository]);
    const writer = store.blobs.createWriter({ algorithm: digestAlgorithm(digest) });
    const started = startDownload({
      size,
      content,
      writer,
      linger: settings.linger,
      finish: settings.finish,
      stop: (reason) => end.abort(reason),
      onBytes: (count) => void (counts.fetchedBytes += count),
      async commit() {
        await writer.commit({ digest, ...(size === undefined ? {} : { size }) });
        for (const repository of repositories) await store.metadata.addBlob(repository, digest);
        // From here on nobody joins: it is stored.
        running.delete(digest);
      },
    });
    running.set(digest, { download: started.download, repositories });
    const ended = (error?: unknown): void => {
      running.delete(digest);
      writer[Symbol.dispose]();
      permit[Symbol.dispose]();
      if (error !== undefined && !end.signal.aborted && !stop.signal.aborted) {
        onFailure(place.mirror.name, explainFailure(error, digest));
      }
    };
    started.ended.then(() => ended(), ended);
    return started.download;
  }

  async function pass(
    { mirror, remote }: MirroredRepository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<FoundBlob | undefined> {
    const blob = await mirror.upstream.findBlob(
      remote,
      digest,
      AbortSignal.any([signal, stop.signal]),
    );
    return blob && { kind: "passing", blob };
  }

  async function asked<Value>(
    place: MirroredRepository,
    digest: Digest,
    work: () => Promise<Value | undefined>,
  ): Promise<Value | undefined> {
    const key = keyOf(place, digest);
    if (missing.get(key) === true) return undefined;
    try {
      const found = await work();
      if (found === undefined) missing.set(key, true, Math.min(settings.pause, settings.ttl));
      return found;
    } catch (error) {
      if (!(error instanceof RegistryError)) onFailure(place.mirror.name, error);
      if (error instanceof HiveError && error.kind === "unauthorized") return undefined;
      throw explainUpstream(place.mirror.name, error);
    }
  }

  return {
    async find(place, digest, signal) {
      counts.misses++;
      return await asked(place, digest, async () => {
        const known = running.get(digest);
        if (known?.repositories.has(place.repository) === true) {
          return await begun(place, digest, known.download);
        }
        const key = keyOf(place, digest);
        const found = await opening.run(key, () => inTurn(digest, () => begin(place, digest)));
        if (found === "no room") return await pass(place, digest, signal);
        return found?.kind === "coming" ? await begun(place, digest, found.download) : found;
      });
    },
    async size(place, digest) {
      const known = running.get(digest);
      if (known?.repositories.has(place.repository) === true && known.download.size !== undefined) {
        return known.download.size;
      }
      return await asked(place, digest, async () =>
        place.mirror.upstream.blobSize(place.remote, digest),
      );
    },
    [Symbol.dispose]: () => stop.abort(new DOMException("the registry ends", "AbortError")),
  };
}

function keyOf({ repository }: MirroredRepository, digest: Digest): string {
  return `${repository}@${digest}`;
}

function explainFailure(error: unknown, digest: Digest): unknown {
  if (!(error instanceof ContentMismatch)) return error;
  return new HiveError("failed", `it sent other bytes than those of ${digest}`, { cause: error });
}
