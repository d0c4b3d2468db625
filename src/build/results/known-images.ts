import { platformTag } from "../../plan/platform-tag.ts";
import type { Target, TargetId } from "../../plan/plan.ts";
import { platformNameAt, type RemotePlace } from "../handover/remote-place.ts";
import type { RegistryImages, TaggedImage, WholeImage } from "./registry-images.ts";

/** An image that is taken as it is, and the tag that it has. */
export type KnownImage = { readonly tag: string; readonly image: WholeImage };

/** Images at a registry that earlier runs have pushed. */
export type KnownImages = {
  /** What the tag of a target's platform stands for; undefined also where that can't be told. */
  tagged(target: Target): Promise<TaggedImage | undefined>;
  /** The image that inputs with this key gave, if it is whole. */
  find(target: Target, key: string): Promise<KnownImage | undefined>;
};

type KnownOptions = {
  readonly images: RegistryImages;
  readonly place: RemotePlace;
  /** Takes why a registry could not be asked. Throws when that is to end the run. */
  readonly onTrouble: (target: Target, error: unknown) => void;
};

/** Each tag is asked for once in a run. */
export function knownImages({ images, place, onTrouble }: KnownOptions): KnownImages {
  const asked = new Map<TargetId, Promise<TaggedImage | undefined>>();

  async function look(target: Target, tag: string): Promise<TaggedImage | undefined> {
    try {
      return await images.tagged(platformNameAt(place, target).repository, tag);
    } catch (error) {
      onTrouble(target, error);
      return undefined;
    }
  }

  function tagged(target: Target): Promise<TaggedImage | undefined> {
    const found = asked.get(target.id) ?? look(target, platformNameAt(place, target).tag);
    asked.set(target.id, found);
    return found;
  }

  async function* candidates(target: Target): AsyncGenerator<TaggedImage> {
    const own = await tagged(target);
    if (own !== undefined) yield own;
    if (place.buildId === undefined) return;
    // What other builds have made under the plain name is the same, if its inputs were.
    const plain = await look(target, platformTag(target.tag, target.platform, undefined));
    if (plain !== undefined) yield plain;
  }

  return {
    tagged,
    async find(target, key) {
      const { repository } = platformNameAt(place, target);
      for await (const { tag, digest, keys } of candidates(target)) {
        if (!keys.has(key)) continue;
        try {
          const image = await images.whole(repository, digest, target.platform);
          if (image !== undefined) return { tag, image };
        } catch (error) {
          onTrouble(target, error);
        }
      }
      return undefined;
    },
  };
}
