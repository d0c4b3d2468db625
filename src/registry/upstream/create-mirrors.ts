import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";
import { printable } from "../../base/printable.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { isTag } from "../../oci/reference.ts";
import type { ManifestReference } from "../route.ts";
import type { RegistryStore } from "../store/registry-store.ts";
import { limitQuestions } from "./limit-questions.ts";
import { createMirrorBlobs, type FoundBlob } from "./mirror-blobs.ts";
import { type MirrorCounts, noMirrorCounts } from "./mirror-counts.ts";
import { createMirrorManifests, type FoundManifest } from "./mirror-manifests.ts";
import { mirrorPrefix } from "../../oci/mirror-prefix.ts";
import { createMirrorLists } from "./mirror-lists.ts";
import type { MirroredRepository } from "./mirrored-repository.ts";
import { defaultMirrorSettings, type MirrorSettings } from "./mirror-settings.ts";
import { createTimedMap } from "./timed-map.ts";
import type { Mirror } from "./upstream.ts";

/** The registries that a registry keeps copies of. Disposing ends what is being fetched. */
export type Mirrors = Disposable & {
  /** In lower case. */
  readonly names: readonly string[];
  readonly counts: Readonly<MirrorCounts>;
  /** Undefined for a repository of our own. */
  find(repository: string): MirroredContent | undefined;
};

/** What a mirrored repository has, here and there. */
export type MirroredContent = {
  readonly name: string;
  /** @throws RegistryError */
  manifest(reference: ManifestReference): Promise<FoundManifest | undefined>;
  /** A blob that is not here. @throws RegistryError */
  blob(digest: Digest, signal: AbortSignal): Promise<FoundBlob | undefined>;
  /** Of a blob that is not here. @throws RegistryError */
  blobSize(digest: Digest): Promise<number | undefined>;
  /** Sorted; none where there is no such repository. Undefined when the upstream can't be asked. */
  tags(): Promise<readonly string[] | undefined>;
  /** Undefined when the upstream can't be asked. */
  referrers(digest: Digest): Promise<readonly Descriptor[] | undefined>;
  /** To be called for a blob that was here. */
  hit(): void;
};

type MirrorsOptions = {
  readonly mirrors: readonly Mirror[];
  readonly store: RegistryStore;
  readonly settings?: Partial<MirrorSettings>;
  /** Takes what the operator should know, a sentence. */
  readonly onWarning?: (text: string) => void;
};

/** Nothing is asked before somebody asks for it. */
export function createMirrors(options: MirrorsOptions): Mirrors {
  const { store, onWarning = () => undefined } = options;
  const settings = { ...defaultMirrorSettings, ...options.settings };
  const mirrors = options.mirrors.map(({ name, upstream }) => ({
    name,
    upstream: limitQuestions(upstream, settings.questions, settings.queue),
  }));
  const counts = { ...noMirrorCounts };
  const told = createTimedMap<true>(100);
  const parts = {
    store,
    settings,
    counts,
    onWarning(text: string) {
      // While there is no room, every blob would say so.
      if (told.get("") === true) return;
      told.set("", true, settings.pause);
      onWarning(text);
    },
    onFailure(name: string, error: unknown) {
      // It was ended here.
      if (error instanceof Error && error.name === "AbortError") return;
      counts.failures++;
      // When a registry is away, every request would say so; that it sends other bytes is something else.
      const key = `${name} ${error instanceof HiveError ? error.kind : ""}`;
      if (told.get(key) === true) return;
      told.set(key, true, settings.pause);
      onWarning(`Mirror of ${name}: ${printable(errorMessage(error))}; what is stored is served`);
    },
  };
  const manifests = createMirrorManifests(parts);
  const blobs = createMirrorBlobs(parts);
  const referrers = createMirrorLists<Descriptor>(parts);
  const tags = createMirrorLists<string>(parts);
  const byPrefix = new Map(mirrors.map((mirror) => [mirrorPrefix(mirror.name), mirror] as const));

  const contentOf = (place: MirroredRepository): MirroredContent => ({
    name: place.mirror.name,
    manifest: (reference) => manifests.find(place, reference),
    blob: (digest, signal) => blobs.find(place, digest, signal),
    blobSize: (digest) => blobs.size(place, digest),
    tags: async () => {
      const { mirror, repository, remote } = place;
      return await tags.find(mirror, repository, async () =>
        (await mirror.upstream.tags(remote)).filter(isTag).toSorted(),
      );
    },
    referrers: async (digest) => {
      const { mirror, repository, remote } = place;
      return await referrers.find(mirror, `${repository}@${digest}`, () =>
        mirror.upstream.referrers(remote, digest),
      );
    },
    hit: () => void counts.hits++,
  });
  return {
    names: mirrors.map(({ name }) => name.toLowerCase()),
    counts,
    find(repository) {
      const slash = repository.indexOf("/");
      const mirror = slash < 0 ? undefined : byPrefix.get(repository.slice(0, slash));
      if (mirror === undefined) return undefined;
      return contentOf({ mirror, repository, remote: repository.slice(slash + 1) });
    },
    [Symbol.dispose]() {
      blobs[Symbol.dispose]();
      for (const { upstream } of mirrors) upstream[Symbol.dispose]();
    },
  };
}
