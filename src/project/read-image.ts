import { placeAt } from "../base/source-text.ts";
import { isTag } from "../oci/reference.ts";
import { checkContextDirectories } from "./check-context-directories.ts";
import { imageNameOf, type ImageDirectory } from "./find-directories.ts";
import { present } from "./present.ts";
import type { ImageDefinition, Tag } from "./project.ts";
import { readBuildFiles } from "./read-build-files.ts";
import { readBuildSettings } from "./read-build-settings.ts";
import type { ImageFile } from "./read-image-file.ts";
import { readSecrets } from "./read-secrets.ts";
import { readPlatforms, readSettingList, readValues } from "./read-values.ts";
import { readVariants, type ImageSurroundings } from "./read-variants.ts";
import { findingAt, reportAt, valuePlace } from "./yaml/yaml-file.ts";

/** Turns image.yml and its directory into a definition; undefined after a finding that leaves none. */
export async function readImage(
  image: ImageFile,
  surroundings: ImageSurroundings,
): Promise<ImageDefinition | undefined> {
  const { data, source } = image;
  const { directory, definitions, files } = surroundings;
  const tags = data.tags.map((tag, index) => readTag(image, index, tag));
  if (tags.length === 0) {
    reportAt(image, [], {
      code: "HV1005",
      message: `Cannot build "${directory.identifier}": it has no tags`,
      help: "list at least one under tags",
    });
  }
  const missing = findingAt(image, [], {
    code: "HV1014",
    message: `Cannot build "${directory.identifier}": its directory has no Dockerfile`,
  });
  const buildFiles = await readBuildFiles(directory, files, missing);
  const variants = await readVariants(image, surroundings);
  const rest = {
    values: readValues(image, [], data),
    build: readBuildSettings(image, [], data),
    platforms: readPlatforms(image, ["platforms"], data.platforms),
    secrets: readSecrets(image, data.secrets, directory.path),
    latestAlias: readLatestAlias(image),
  };
  await checkContextDirectories(image, contextsOf(image), { directory: directory.path, files });
  if (buildFiles === undefined || variants === undefined) return undefined;
  return present({
    identifier: directory.identifier,
    name: imageNameOf(directory.identifier),
    file: source.file,
    place: placeAt(source, 0),
    description: data.description ?? "",
    files: buildFiles,
    exclude: excluded(directory, data.variants, definitions),
    tags,
    variants,
    icon: data.report?.icon,
    dependsOn: readSettingList(image, ["depends_on"], data.depends_on).map(({ value, place }) => ({
      name: value,
      place,
    })),
    ...rest,
  });
}

function readTag(image: ImageFile, index: number, data: ImageFile["data"]["tags"][number]): Tag {
  const path = ["tags", index];
  checkTag(image, [...path, "name"], data.name);
  return {
    name: data.name,
    place: valuePlace(image, [...path, "name"]),
    values: readValues(image, path, data),
    build: readBuildSettings(image, path, data),
    platforms: readPlatforms(image, [...path, "platforms"], data.platforms),
  };
}

function checkTag(image: ImageFile, path: readonly (string | number)[], tag: string): void {
  if (isTag(tag)) return;
  reportAt(image, path, {
    code: "HV1010",
    message: `Cannot use "${tag}" as a tag`,
    help: "a tag has letters, digits, _ . - and at most 128 of them, and begins with none of . -",
  });
}

function readLatestAlias(image: ImageFile): ImageDefinition["latestAlias"] {
  const alias = image.data.latest_alias;
  if (alias == null) return undefined;
  const path = ["latest_alias", "tag"];
  checkTag(image, path, alias.tag);
  return { tag: alias.tag, place: valuePlace(image, path), onMissing: alias.on_missing ?? "error" };
}

function contextsOf({ data }: ImageFile): Parameters<typeof checkContextDirectories>[1] {
  return [
    { path: [], contexts: data.contexts },
    ...data.tags.map(({ contexts }, index) => ({ path: ["tags", index], contexts })),
    ...data.variants.map(({ contexts }, index) => ({ path: ["variants", index], contexts })),
  ];
}

// hive's own files, the variants' directories, and everything that is another image.
function excluded(
  { identifier, entries }: ImageDirectory,
  variants: readonly { readonly name: string }[],
  definitions: readonly string[],
): string[] {
  const nested = definitions
    .filter((other) => other.startsWith(`${identifier}/`))
    .map((other) => other.slice(identifier.length + 1));
  const own = [...entries.keys()].filter((file) => ownFile.test(file));
  return [...new Set([...own, ...variants.map(({ name }) => name), ...nested])].toSorted();
}

const ownFile =
  /^(?:Dockerfile(?:\.gotpl)?|image\.ya?ml|test\.ya?ml(?:\.gotpl)?|README\.md\.gotpl|rootfs)$/;
