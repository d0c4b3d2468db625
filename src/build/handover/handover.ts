import type { ContentStore, ContentStores } from "../../buildkit/content/content-service.ts";
import type { TypedAttrs } from "../../buildkit/solve-request.ts";
import type { SolveResult } from "../../buildkit/solve.ts";
import type { HiveError } from "../../base/hive-error.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageLayout } from "../../oci/layout.ts";
import { platformSlug } from "../../oci/platform.ts";
import { imagePrefix } from "../../plan/context-value.ts";
import type { Plan, Target } from "../../plan/plan.ts";
import type { FitRequest } from "./daemon-limits.ts";

/**
 * How a finished image reaches the store, and the builds that need it. One interface, because the way differs: a registry in
 * our own process where the daemon reaches it, the session of each build where it does not, and by a Docker Engine's own push
 * where its BuildKit can do neither.
 */
export type Handover = {
  /** Where the build of `target` puts its result. */
  exporter(target: Target): TypedAttrs;
  /** The value of a named context through which another build reaches the finished `target`. */
  contextValue(target: Target, digest: Digest): string;
  /** What a build reads as its cache when the image that the target had last carries one; absent: it can't. */
  cacheImport?(target: Target, digest: Digest): TypedAttrs;
  /** What the session of every build serves for it. */
  readonly stores?: ContentStores;
  /** Makes of a request what the daemon can build. @throws HiveError when it can't */
  readonly fit?: FitRequest;
  /**
   * Brings what the daemon made to where other builds and the store find it, when the exporter alone does not.
   * @returns the image's digest there
   * @throws HiveError, BuildkitError
   */
  collect?(target: Target, result: SolveResult): Promise<Digest>;
  /** The way to go when a build failed of this one; undefined when it failed of something else. */
  instead?(error: unknown): Promise<Handover | undefined>;
  /** What was wrong with the images when a build failed of one; undefined when it failed of something else. */
  explain?(error: unknown): Promise<HiveError | undefined>;
};

/** Hand-over through a registry at `address` (`host:port`): BuildKit pushes to it, dependents pull from it by digest. */
export function registryHandover(address: string): Handover {
  return {
    exporter: (target) => ({
      type: "image",
      attrs: {
        ...imageAttrs(target),
        name: `${address}/${target.name}:${target.tag}.${platformSlug(target.platform)}`,
        push: "true",
        // A daemon with an image store would keep a name there that nobody can pull once we are gone.
        store: "false",
      },
    }),
    contextValue: (target, digest) =>
      `${imagePrefix}${address}/${target.name}:${target.tag}@${digest}`,
    cacheImport: ({ reference }) => ({
      type: "registry",
      attrs: { ref: `${address}/${reference}` },
    }),
  };
}

type SessionStores = {
  /** Has the images that are built on. */
  readonly parents: Pick<ImageLayout, "blobs">;
  /** Takes those that are built. */
  readonly results: Pick<ImageLayout, "blobs">;
  /** Learns that it takes no more: every build would fail of that. */
  readonly onError: (error: Error) => void;
};

/** The store's name for the daemon. It has to be the name of an image, too. */
const storeName = "hive";

/**
 * Hand-over through the session of each build: the daemon writes what is new of an image into the store, blob by blob, and
 * reads what it has not of a parent from there. It takes no network at all.
 */
export function sessionHandover({ parents, results, onError }: SessionStores): Handover {
  const taking: ContentStore = { ...results.blobs, onError };
  return {
    exporter: (target) => ({ type: "oci", attrs: { ...imageAttrs(target), tar: "false" } }),
    contextValue: (_target, digest) => `oci-layout://${storeName}@${digest}`,
    cacheImport: (_target, digest) => ({ type: "local", attrs: { src: storeName, digest } }),
    stores: new Map<string, ContentStore>([
      // The name that the exporter has for it.
      ["export", taking],
      [`oci:${storeName}`, parents.blobs],
      [`local:${storeName}`, parents.blobs],
    ]),
  };
}

/** Whose names the media types of an image are: Docker's only where a registry wants them. */
export type ImageFormat = "oci" | "docker";

/** What the exporter's settings say of every image, wherever it goes: another value makes another image. */
export function imageSettings(
  { cache }: Plan,
  format: ImageFormat = "oci",
): Readonly<Record<string, string>> {
  return {
    ...formatSettings(format),
    ...(cache?.type === "inline" ? { "inline-cache": "true" } : {}),
  };
}

/** What goes into the image: the same for every way, for the digest must not depend on it. */
export function imageAttrs(target: Target, format: ImageFormat = "oci"): Record<string, string> {
  return { ...formatSettings(format), ...timeSettings(target) };
}

/** Said outright, so that digests do not change with the daemon's default. */
function formatSettings(format: ImageFormat): Record<string, string> {
  return { "oci-mediatypes": String(format === "oci") };
}

/** Files get the target's time when it has one, but for those that were older, and those of the base: they have had theirs. */
function timeSettings({ epoch }: Target): Record<string, string> {
  return epoch === undefined
    ? {}
    : { "source-date-epoch": String(epoch), "rewrite-timestamp": "true" };
}
