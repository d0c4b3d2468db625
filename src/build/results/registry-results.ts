import { HiveError } from "../../base/hive-error.ts";
import { Semaphore } from "../../base/semaphore.ts";
import { openInputStore } from "../../inputs/input-store.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Digest, digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { toOciManifest } from "../../oci/to-oci-manifest.ts";
import type { Target, TargetId } from "../../plan/plan.ts";
import type { EventOf } from "../../progress/event.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import { putArtifact } from "../../remote/put-artifact.ts";
import { createRemoteHandovers } from "../handover/create-remote-handovers.ts";
import { type ImageFormat, imageSettings } from "../handover/handover.ts";
import {
  nameAt,
  platformNameAt,
  type RemotePlace,
  repositoryAt,
} from "../handover/remote-place.ts";
import { inputsArtifact } from "./inputs-artifact.ts";
import { type KnownImage, knownImages } from "./known-images.ts";
import { registryImages } from "./registry-images.ts";
import type { OpenResults } from "./results.ts";

/** A name that was written, without when. */
export type NamedReference = Omit<EventOf<"named">, "time" | "type">;

export type RegistryOptions = {
  readonly registry: RemoteRegistry;
  /** What stands before the names of the project's images: `team`, or nothing. */
  readonly prefix: string;
  /** Whether it speaks plain HTTP though it is not on loopback. */
  readonly insecure: boolean;
  readonly format: ImageFormat;
  /** The project's store, for what it remembers of files; nothing is written there. */
  readonly store: string;
  /** Names a reference, and its aliases, once the images of all platforms that the project lists are there. */
  readonly nameReference: (
    reference: string,
    images: readonly Descriptor[],
  ) => Promise<readonly NamedReference[]>;
};

/** Requests at a time: what registries take of one client without a word. */
const mostRequests = 8;
/** References that are named at a time, each with some requests. */
const mostNaming = 4;

/**
 * Results at a registry that others use, too: daemons push there and pull from there, and what an image was made of is kept
 * beside it. This machine only asks and names.
 */
export function registryResults(options: RegistryOptions): OpenResults {
  const { registry, format, nameReference } = options;
  return async ({ plan, buildId, reuse, credentials, emit, signal }) => {
    const { host } = registry;
    const tls = registry.origin.startsWith("https:");
    const place: RemotePlace = { ...options, host, buildId, tls };
    const cleanup = new AsyncDisposableStack();
    const permits = new Semaphore(mostRequests);
    const naming = new Semaphore(mostNaming);
    async function parallel<T>(request: () => Promise<T>): Promise<T> {
      using _permit = await permits.acquire(signal);
      return await request();
    }
    const images = registryImages(registry, parallel);
    const { contexts, ignore } = openInputStore(options.store);
    const warned = new Set<string>();
    const failures: unknown[] = [];
    const pending = new Set<Promise<void>>();
    const taken = new Map<TargetId, KnownImage>();
    const made = new Map<string, Map<string, Descriptor>>();

    /** What only makes other builds slower is told once. */
    function warn(what: string, { id }: Target, error: unknown): void {
      if (signal.aborted || !(error instanceof HiveError)) throw error;
      if (warned.has(what)) return;
      warned.add(what);
      emit({ type: "warning", target: id, message: `${what}: ${error.message}` });
    }

    /** Nothing that is built waits for it. */
    function later(task: () => Promise<void>): void {
      const running = task()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => pending.delete(running));
      pending.add(running);
    }

    const known = knownImages({
      images,
      place,
      onTrouble: (target, error) =>
        warn(`Cannot look for images at ${host}, so they are built`, target, error),
    });
    // All at once, while it is found out what they are made of now.
    if (reuse) for (const target of plan.targets) known.tagged(target).catch(() => undefined);

    /** Gives an image that was found under another tag that of this run. */
    async function retag(target: Target): Promise<void> {
      const found = taken.get(target.id);
      const { repository, tag } = platformNameAt(place, target);
      if (found === undefined || found.tag === tag) return;
      const { bytes, descriptor } = found.image.manifest;
      const { mediaType } = descriptor;
      await parallel(async () => registry.putManifest(repository, tag, { mediaType, bytes }));
    }

    async function name(reference: string, found: readonly Descriptor[]): Promise<void> {
      using _permit = await naming.acquire(signal);
      for (const named of await nameReference(reference, found)) emit({ type: "named", ...named });
    }

    return {
      findHandover: createRemoteHandovers({
        place,
        repositories: new Set(plan.targets.map((target) => repositoryAt(place, target.name))),
        keep: asWanted,
        onFailure: (error) => failures.unshift(error),
        credentials,
        warn: ({ id }, message) => emit({ type: "warning", target: id, message }),
        cleanup,
        signal,
      }),
      credentials,
      imageSettings: imageSettings(plan, format),
      contexts,
      ignore,
      async recall(target, { key }) {
        const found = await known.find(target, key);
        if (found !== undefined) taken.set(target.id, found);
        return found?.image;
      },
      async find(target, digest) {
        const { repository } = platformNameAt(place, target);
        return await images.pushed(repository, digest, target.platform);
      },
      remember(target, { key, inputs }, { descriptor }) {
        if (key === undefined) return;
        const record = { target: target.id, key, digest: descriptor.digest, inputs };
        const { repository } = platformNameAt(place, target);
        later(async () => {
          try {
            const artifact = inputsArtifact(record, descriptor);
            await parallel(async () => putArtifact(registry, repository, artifact));
          } catch (error) {
            const what = `Cannot keep at ${host} what images are made of, so other runs build them`;
            warn(what, target, error);
          }
        });
      },
      previous: async (target) => (await known.tagged(target))?.digest,
      async publish(target, { descriptor }) {
        const { reference, platform, listedPlatforms } = target;
        const there = made.get(reference) ?? new Map<string, Descriptor>();
        made.set(reference, there.set(formatPlatform(platform), descriptor));
        const wanted = listedPlatforms.length === 0 ? [platform] : listedPlatforms;
        const found = wanted.map((each) => there.get(formatPlatform(each)));
        later(async () => {
          await retag(target);
          if (found.every((each) => each !== undefined)) await name(reference, found);
        });
      },
      nameOf: (target) => nameAt(place, target),
      async flush() {
        while (pending.size > 0) await Promise.all(pending);
        // Who stopped the run knows why.
        if (!signal.aborted && failures.length > 0) throw failures[0];
      },
      tidy: async () => {},
      [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
    };

    /** What a Docker Engine pushed, with the media types that are wanted. Both manifests name the same blobs. */
    async function asWanted(target: Target, pushed: Digest): Promise<Digest> {
      if (format === "docker") return pushed;
      const { repository, tag } = platformNameAt(place, target);
      const { bytes } = await registry.manifest(repository, pushed);
      const content = { mediaType: mediaTypes.ociManifest, bytes: toOciManifest(bytes) };
      await registry.putManifest(repository, tag, content);
      return digestOf(content.bytes);
    }
  };
}
