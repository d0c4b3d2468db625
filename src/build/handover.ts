import type { ContentStores } from "../buildkit/content/content-service.ts";
import type { SolveResult } from "../buildkit/solve.ts";
import type { Digest } from "../oci/digest.ts";
import { platformSlug } from "../oci/platform.ts";
import { imagePrefix } from "../plan/context-value.ts";
import type { Plan, Target } from "../plan/plan.ts";

/**
 * How a finished image reaches the builds that need it. One interface, because the way differs:
 * a registry in our own process when the daemon shares our loopback, another registry in CI,
 * the build session where there is no network path at all.
 */
export type Handover = {
  /** Where the build of `target` puts its result. */
  exporter(target: Target): {
    readonly type: string;
    readonly attrs: Readonly<Record<string, string>>;
  };
  /** The value of a named context through which another build reaches the finished `target`. */
  contextValue(target: Target, digest: Digest): string;
  /** What the session of every build serves for it. */
  readonly stores?: ContentStores;
  /** More that the frontend is told. */
  readonly frontendAttrs?: Readonly<Record<string, string>>;
  /**
   * Brings what the daemon made to where other builds and the store find it, when the exporter alone does not.
   * @returns the image's digest there
   * @throws HiveError, BuildkitError
   */
  collect?(target: Target, result: SolveResult): Promise<Digest>;
};

/** Hand-over through a registry at `address` (`host:port`): BuildKit pushes to it, dependents pull from it by digest. */
export function registryHandover(address: string): Handover {
  return {
    exporter: (target) => ({
      type: "image",
      attrs: {
        ...mediaTypes,
        name: `${address}/${target.name}:${target.tag}.${platformSlug(target.platform)}`,
        push: "true",
        ...timeSettings(target),
        // A daemon with an image store would keep a name there that nobody can pull once we are gone.
        store: "false",
      },
    }),
    contextValue: (target, digest) =>
      `${imagePrefix}${address}/${target.name}:${target.tag}@${digest}`,
  };
}

/** Said outright, so that digests do not change with the daemon's default. */
const mediaTypes = { "oci-mediatypes": "true" };

/** What the exporter's settings say of every image, wherever it goes: another value makes another image. */
export function imageSettings({ cache }: Plan): Readonly<Record<string, string>> {
  return { ...mediaTypes, ...(cache?.type === "inline" ? { "inline-cache": "true" } : {}) };
}

/** Files get the target's time when it has one, but for those that were older, and those of the base: they have had theirs. */
function timeSettings({ epoch }: Target): Record<string, string> {
  return epoch === undefined
    ? {}
    : { "source-date-epoch": String(epoch), "rewrite-timestamp": "true" };
}
