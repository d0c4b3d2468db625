import { within } from "../../oci/within.ts";
import { platformTag } from "../../plan/platform-tag.ts";
import type { Target } from "../../plan/plan.ts";
import type { ImageFormat } from "./handover.ts";

/** Where at a registry the images of a run are. */
export type RemotePlace = {
  /** `host[:port]`, as it stands before the name in a reference. */
  readonly host: string;
  /** What stands before the names of the project's images: `team`, or nothing. */
  readonly prefix: string;
  /** Goes into tags: `1.0.linux-amd64-build.<id>`. */
  readonly buildId: string | undefined;
  readonly tls: boolean;
  /** Whether it speaks plain HTTP though it is not on loopback, where daemons try that by themselves. */
  readonly insecure: boolean;
  readonly format: ImageFormat;
};

/** The repository of a target's image: `team/base`. */
export function repositoryAt({ prefix }: Pick<RemotePlace, "prefix">, name: string): string {
  return within(prefix, name);
}

/** `team/base` and `1.0.linux-amd64`: where the image of one platform is. */
export function platformNameAt(
  place: RemotePlace,
  { name, tag, platform }: Target,
): { readonly repository: string; readonly tag: string } {
  return {
    repository: repositoryAt(place, name),
    tag: platformTag(tag, platform, place.buildId),
  };
}

/** `registry.example.com/team/base:1.0.linux-amd64`. */
export function nameAt(place: RemotePlace, target: Target): string {
  const { repository, tag } = platformNameAt(place, target);
  return `${place.host}/${repository}:${tag}`;
}
