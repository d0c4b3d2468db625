import type { Diagnostic } from "../base/diagnostic.ts";
import { Hidden } from "../base/hidden.ts";
import { placeAt } from "../base/source-text.ts";
import { isTag } from "../oci/reference.ts";
import { imageFileNames, imageNameOf, type ImageDirectory } from "./find-directories.ts";
import { imageFinding, type ImageFile } from "./image-file.ts";
import type { ImageDefinition, Tag, Variant } from "./project.ts";
import { readBuildFiles } from "./read-build-files.ts";
import type { ProjectFiles } from "./read-source.ts";
import { readPlatforms, readValues, valuePlace } from "./read-values.ts";

type ReadImageOptions = {
  readonly directory: ImageDirectory;
  readonly directories: ReadonlyMap<string, ImageDirectory>;
  readonly files: ProjectFiles;
};

/** Turns image.yml and its directory into a definition; undefined after a finding that leaves none. */
export async function readImage(
  image: ImageFile,
  { directory, directories, files }: ReadImageOptions,
): Promise<ImageDefinition | undefined> {
  const { data, source } = image;
  const { report } = files;
  const tags = data.tags.map((tag, index) => readTag(image, index, tag, report));
  const name = imageNameOf(directory.identifier);
  if (tags.length === 0) {
    report(
      imageFinding(image, [], {
        code: "HV1005",
        message: `Cannot build "${directory.identifier}": it has no tags`,
        help: "list at least one under tags",
      }),
    );
  }
  const missing = imageFinding(image, [], {
    code: "HV1014",
    message: `Cannot build "${directory.identifier}": its directory has no Dockerfile`,
  });
  const buildFiles = await readBuildFiles(directory, files, missing);
  const variants = await readVariants(image, { directory, directories, files });
  const values = readValues(image, [], data);
  const platforms = readPlatforms(image, ["platforms"], { data: data.platforms, report });
  warnAboutSecrets(image, report);
  if (buildFiles === undefined || variants === undefined) return undefined;
  return {
    identifier: directory.identifier,
    name,
    file: source.file,
    place: placeAt(source, 0),
    description: data.description ?? "",
    files: buildFiles,
    exclude: excluded(directory, data.variants, directories),
    tags,
    variants,
    values,
    build: { contexts: new Map() },
    platforms,
    dependsOn: data.depends_on.map((on, index) => ({
      name: on,
      place: valuePlace(image, ["depends_on", index]),
    })),
    secrets: new Map(
      Object.entries(data.secrets).map(([secret, { source: from, value }]) => [
        secret,
        { source: from, value: new Hidden(value), place: valuePlace(image, ["secrets", secret]) },
      ]),
    ),
    ...(data.latest_alias
      ? {
          latestAlias: {
            tag: data.latest_alias.tag,
            place: valuePlace(image, ["latest_alias", "tag"]),
            onMissing: data.latest_alias.on_missing,
          },
        }
      : {}),
  };
}

type Report = (finding: Diagnostic) => void;

function readTag(
  image: ImageFile,
  index: number,
  data: ImageFile["data"]["tags"][number],
  report: Report,
): Tag {
  const path = ["tags", index];
  if (!isTag(data.name)) {
    report(
      imageFinding(image, [...path, "name"], {
        code: "HV1010",
        message: `Cannot use "${data.name}" as a tag`,
        help: "a tag has letters, digits, _ . - and at most 128 of them, and begins with none of . -",
      }),
    );
  }
  return {
    name: data.name,
    place: valuePlace(image, [...path, "name"]),
    values: readValues(image, path, data),
    build: { contexts: new Map() },
    platforms: readPlatforms(image, [...path, "platforms"], { data: data.platforms, report }),
  };
}

async function readVariants(
  image: ImageFile,
  options: ReadImageOptions,
): Promise<Variant[] | undefined> {
  const variants: Variant[] = [];
  for (const index of image.data.variants.keys()) {
    const variant = await readVariant(image, index, options);
    if (variant !== undefined) variants.push(variant);
  }
  return variants.length === image.data.variants.length ? variants : undefined;
}

async function readVariant(
  image: ImageFile,
  index: number,
  { directory, directories, files }: ReadImageOptions,
): Promise<Variant | undefined> {
  const data = image.data.variants[index];
  if (data === undefined) return undefined;
  const path = ["variants", index];
  if (!isVariantName(data.name)) {
    files.report(
      imageFinding(image, [...path, "name"], {
        code: "HV1011",
        message: `Cannot use "${data.name}" as a variant: it must be the name of a directory`,
      }),
    );
    return undefined;
  }
  const identifier = `${directory.identifier}/${data.name}`;
  const missing = imageFinding(image, [...path, "name"], {
    code: "HV1014",
    message: `Cannot build variant "${data.name}": there is no "${identifier}/Dockerfile" in images`,
    help: "a variant is a directory beside image.yml with a Dockerfile of its own",
  });
  const own = directories.get(identifier);
  if (own === undefined) files.report(missing);
  const buildFiles = own && (await readBuildFiles(own, files, missing));
  const platforms = readPlatforms(image, [...path, "platforms"], {
    data: data.platforms,
    report: files.report,
  });
  if (buildFiles === undefined) return undefined;
  return {
    name: data.name,
    tagSuffix: data.tag_suffix,
    place: valuePlace(image, [...path, "name"]),
    files: buildFiles,
    values: readValues(image, path, data),
    build: { contexts: new Map() },
    platforms,
  };
}

// hive's own files, the variants' directories, and everything that is another image.
function excluded(
  directory: ImageDirectory,
  variants: readonly { readonly name: string }[],
  directories: ReadonlyMap<string, ImageDirectory>,
): string[] {
  const nested = [...directories.values()]
    .filter(({ identifier }) => identifier.startsWith(`${directory.identifier}/`))
    .filter(({ entries }) => imageFileNames.some((file) => entries.has(file)))
    .map(({ identifier }) => identifier.slice(directory.identifier.length + 1));
  const own = [...directory.entries.keys()].filter((file) => ownFile.test(file));
  return [...new Set([...own, ...variants.map(({ name }) => name), ...nested])].toSorted();
}

const ownFile = /^(?:Dockerfile|image\.ya?ml|test\.ya?ml(?:\.gotpl)?|README\.md\.gotpl|rootfs)$/;

function warnAboutSecrets(image: ImageFile, report: Report): void {
  const names = Object.keys(image.data.secrets);
  const [first] = names;
  if (first === undefined) return;
  report(
    imageFinding(image, ["secrets", first], {
      code: "HV1030",
      severity: "warning",
      message: `Secrets are not yet passed to builds in this version: ${names.join(", ")}`,
    }),
  );
}

/** Whether `name` can be a variant's name: one directory, neither hidden nor `..`. */
function isVariantName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*$/.test(name);
}
