import { HiveError } from "../../base/hive-error.ts";
import type { Reference } from "../../oci/reference.ts";
import { globPattern } from "../../plan/glob-pattern.ts";
import { readReference } from "../registry/read-reference.ts";

/** Where images are, of which a copy is made. */
export type Place = Omit<Reference, "registry"> & {
  /** Undefined: the one of this machine. */
  readonly registry: string | undefined;
  /** Which tags, where the tag is a glob; a tag or digest is absent then. */
  readonly tags?: RegExp;
};

const hub = "docker.io";

/**
 * Reads `[registry/]name[:tag][@digest]`; the tag may be a glob, `app:1.*`. What Docker Hub calls `library/alpine` may be
 * written without `library/`.
 * @param registry where it is when the text names none
 * @throws HiveError "usage"
 */
export function readPlace(text: string, registry?: string): Place {
  const glob = /^(.*):([^/:@]*[*?[{][^/@]*)$/.exec(text);
  const read = readReference(glob?.[1] ?? text, undefined);
  const host = read.registry ?? registry;
  const isHub = host === hub || host === `index.${hub}`;
  const { repository } = read;
  return {
    ...read,
    registry: host,
    repository: isHub && !repository.includes("/") ? `library/${repository}` : repository,
    ...(glob === null ? {} : { tags: globPattern(glob[2] ?? "") }),
  };
}

/**
 * What an image is to be called at a registry: `name[:tag]`.
 * @param own the tag where the text has none; undefined: it is there by its digest alone
 * @throws HiveError "usage"
 */
export function readTarget(
  text: string,
  own: string | undefined,
): { readonly repository: string; readonly tags: readonly string[] } {
  const { registry, repository, tag = own, digest } = readReference(text, undefined);
  if (registry !== undefined || digest !== undefined) {
    const what = registry === undefined ? "a digest" : "a registry";
    throw new HiveError("usage", `Cannot call the image "${text}": the name has ${what}`, {
      hint: "Write name or name:tag; --registry says where it goes.",
    });
  }
  return { repository, tags: tag === undefined ? [] : [tag] };
}
