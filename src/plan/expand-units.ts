import type { Platform } from "../oci/platform.ts";
import type {
  BuildFiles,
  ImageDefinition,
  Project,
  Settings,
  Tag,
  Values,
  Variant,
} from "../project/project.ts";

/** A tag, or a tag with a variant: what gets a name, before it is multiplied by platforms. */
export type Unit = {
  readonly image: ImageDefinition;
  /** The tag with the variant's suffix. */
  readonly tag: string;
  /** `name:tag`. */
  readonly reference: string;
  readonly variant?: string;
  readonly files: BuildFiles;
  readonly rootfs: readonly string[];
  readonly platforms: readonly Platform[];
  /** Whether they are written in the project. */
  readonly platformsListed: boolean;
  /** Merged: a tag's values win over the image's, a variant's over the tag's. */
  readonly values: Values;
};

/** The units of a project, in the order of its files; `fallback` are the platforms where none are written. */
export function expandUnits(project: Project, fallback: readonly Platform[]): Unit[] {
  return project.images.flatMap((image) =>
    image.tags.flatMap((tag) =>
      [undefined, ...image.variants].map((variant) =>
        toUnit(project, { image, tag, variant, fallback }),
      ),
    ),
  );
}

type Parts = {
  readonly image: ImageDefinition;
  readonly tag: Tag;
  readonly variant: Variant | undefined;
  readonly fallback: readonly Platform[];
};

function toUnit(project: Project, { image, tag, variant, fallback }: Parts): Unit {
  const finalTag = `${tag.name}${variant?.tagSuffix ?? ""}`;
  const layers = [image.values, tag.values, ...(variant ? [variant.values] : [])];
  const lists = [variant?.platforms, tag.platforms, image.platforms, project.platforms];
  const platforms = lists.find((list) => list !== undefined && list.length > 0);
  return {
    image,
    tag: finalTag,
    reference: `${image.name}:${finalTag}`,
    ...(variant ? { variant: variant.name } : {}),
    files: variant?.files ?? image.files,
    rootfs: [image.files.rootfs, variant?.files.rootfs].filter((path) => path !== undefined),
    platforms: platforms ?? fallback,
    platformsListed: platforms !== undefined,
    values: {
      versions: merge(layers.map(({ versions }) => versions)),
      buildArgs: merge(layers.map(({ buildArgs }) => buildArgs)),
      labels: merge([project.labels, ...layers.map(({ labels }) => labels)]),
    },
  };
}

function merge(layers: readonly Settings[]): Settings {
  return new Map(layers.flatMap((layer) => [...layer]));
}
