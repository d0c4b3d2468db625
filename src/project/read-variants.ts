import type { ImageDirectory } from "./find-directories.ts";
import { present } from "./present.ts";
import type { Variant } from "./project.ts";
import { readBuildFiles } from "./read-build-files.ts";
import { readBuildSettings } from "./read-build-settings.ts";
import type { ImageFile } from "./read-image-file.ts";
import type { ProjectFiles } from "./read-source.ts";
import { readPlatforms, readValues } from "./read-values.ts";
import { findingAt, reportAt, valuePlace } from "./yaml/yaml-file.ts";

export type ImageSurroundings = {
  readonly directory: ImageDirectory;
  /** All that there are, by identifier. */
  readonly directories: ReadonlyMap<string, ImageDirectory>;
  /** The identifiers of those with an image.yml. */
  readonly definitions: readonly string[];
  readonly files: ProjectFiles;
};

/** The variants of an image; undefined after a finding that leaves one out. */
export async function readVariants(
  image: ImageFile,
  surroundings: ImageSurroundings,
): Promise<readonly Variant[] | undefined> {
  const variants: Variant[] = [];
  for (const [index, data] of image.data.variants.entries()) {
    const variant = await readVariant(image, { index, data }, surroundings);
    if (variant !== undefined) variants.push(variant);
  }
  return variants.length === image.data.variants.length ? variants : undefined;
}

type Entry = { readonly index: number; readonly data: ImageFile["data"]["variants"][number] };

async function readVariant(
  image: ImageFile,
  { index, data }: Entry,
  { directory, directories, files }: ImageSurroundings,
): Promise<Variant | undefined> {
  const path = ["variants", index];
  if (!isVariantName(data.name)) {
    reportAt(image, [...path, "name"], {
      code: "HV1011",
      message: `Cannot use "${data.name}" as a variant: it must be the name of a directory`,
    });
    return undefined;
  }
  const identifier = `${directory.identifier}/${data.name}`;
  const missing = findingAt(image, [...path, "name"], {
    code: "HV1014",
    message: `Cannot build variant "${data.name}": there is no "${identifier}/Dockerfile" in images`,
    help: "a variant is a directory beside image.yml with a Dockerfile of its own",
  });
  const own = directories.get(identifier);
  if (own === undefined) files.report(missing);
  const buildFiles = own && (await readBuildFiles(own, files, missing));
  const platforms = readPlatforms(image, [...path, "platforms"], data.platforms);
  const build = readBuildSettings(image, path, data);
  if (buildFiles === undefined) return undefined;
  return present({
    name: data.name,
    tagSuffix: data.tag_suffix,
    place: valuePlace(image, [...path, "name"]),
    files: buildFiles,
    values: readValues(image, path, data),
    build,
    icon: data.report?.icon,
    platforms,
  });
}

/** Whether `name` can be a variant's name: one directory, neither hidden nor `..`. */
function isVariantName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*$/.test(name);
}
