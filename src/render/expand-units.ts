import type { Platform } from "../oci/platform.ts";
import type {
  BuildFiles,
  BuildSettings,
  ImageDefinition,
  Project,
  Settings,
  Tag,
  Values,
  Variant,
} from "../project/project.ts";
import { mergeBuildSettings, mergeSettings } from "./merge-settings.ts";

/** A tag, or a tag with a variant: what gets a name, before it is multiplied by platforms. */
export type Unit = {
  readonly image: ImageDefinition;
  /** The tag with the variant's suffix. */
  readonly tag: string;
  /** The tag without it: that of the variant's parent. */
  readonly baseTag: string;
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
  /** The build arguments of each level, the most specific one last: the same ARG may have several spellings. */
  readonly buildArgLevels: readonly Settings[];
  readonly build: BuildSettings;
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
  const parts = [image, tag, ...(variant ? [variant] : [])];
  const layers = parts.map(({ values }) => values);
  const buildArgLevels = layers.map(({ buildArgs }) => buildArgs);
  const lists = [variant?.platforms, tag.platforms, image.platforms, project.platforms];
  const platforms = lists.find((list) => list !== undefined && list.length > 0);
  return {
    image,
    tag: finalTag,
    baseTag: tag.name,
    reference: `${image.name}:${finalTag}`,
    ...(variant ? { variant: variant.name } : {}),
    files: variant?.files ?? image.files,
    rootfs: [image.files.rootfs, variant?.files.rootfs].filter((path) => path !== undefined),
    platforms: platforms ?? fallback,
    platformsListed: platforms !== undefined,
    values: {
      versions: mergeSettings(layers.map(({ versions }) => versions)),
      buildArgs: mergeSettings(buildArgLevels),
      labels: mergeSettings([project.labels, ...layers.map(({ labels }) => labels)]),
    },
    buildArgLevels,
    build: mergeBuildSettings(parts.map(({ build }) => build)),
  };
}
