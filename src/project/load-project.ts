import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { mapLimited } from "../base/map-limited.ts";
import { sortDiagnostics } from "../base/sort-diagnostics.ts";
import { diagnosticAt, type SourceText } from "../base/source-text.ts";
import { isMissingFile } from "../base/system-error.ts";
import { checkSize } from "./check-size.ts";
import { checkTags } from "./check-tags.ts";
import { findDirectories, imageFileNames, type ImageDirectory } from "./find-directories.ts";
import { findProjectFile } from "./find-project.ts";
import type { ImageDefinition, Project } from "./project.ts";
import { readHiveFile } from "./read-hive-file.ts";
import { readImageFile } from "./read-image-file.ts";
import { readImage } from "./read-image.ts";
import { readLock } from "./read-lock.ts";
import { fileFinding, readSource, type ProjectFiles } from "./read-source.ts";
import { warnAboutLinks } from "./warn-about-links.ts";

/** A project, and the findings that do not stop it. */
export type LoadedProject = { readonly project: Project; readonly warnings: readonly Diagnostic[] };

export type LoadOptions = {
  /** For `${VAR}` in hive.yml. */
  readonly environment?: Environment;
  /** Unknown keys are warnings. */
  readonly lenient?: boolean;
  /** Templates may read the environment and make random values. */
  readonly impureTemplates?: boolean;
};

/**
 * Reads and checks the project in directory `root`.
 * @throws HiveError usage with every finding there is, sorted by place.
 */
export async function loadProject(
  root: string,
  { environment = process.env, lenient = false, impureTemplates = false }: LoadOptions = {},
): Promise<LoadedProject> {
  const directory = resolve(root);
  const findings: Diagnostic[] = [];
  const report = (found: Diagnostic): void => void findings.push(found);
  const project = await readProject(directory, { environment, lenient, impureTemplates, report });
  const sorted = sortDiagnostics(findings);
  const errors = sorted.filter(({ severity }) => severity === "error");
  if (project === undefined || errors.length > 0) {
    const count = errors.length === 1 ? "an error" : `${errors.length} errors`;
    throw new HiveError("usage", `Cannot load the project in "${directory}": it has ${count}`, {
      diagnostics: sorted,
    });
  }
  return { project, warnings: sorted };
}

type ReadOptions = Required<LoadOptions> & { readonly report: (finding: Diagnostic) => void };

async function readProject(
  root: string,
  { environment, lenient, impureTemplates, report }: ReadOptions,
): Promise<Project | undefined> {
  const file = await findProjectFile(root);
  if (file === undefined) {
    throw new HiveError("usage", `Cannot find a project in "${root}": it has no hive.yml`);
  }
  const images = join(root, "images");
  const realImages = await realpath(images).catch(() => undefined);
  const inside = [await realpath(root), ...(realImages === undefined ? [] : [realImages])];
  const files: ProjectFiles = { root, inside, report, lenient };
  const source = await readSource(join(root, file), files);
  if (source === undefined) return undefined;
  const hive = await readHiveFile(source, { root, environment, report, lenient });
  const failAtHive = (message: string, help: string): undefined => {
    report(diagnosticAt(source, [0, 1], { code: "HV1017", severity: "error", message, help }));
  };
  const directories = await findDirectories(images).catch((error: Error) => error);
  if (directories instanceof Error) {
    if (isMissingFile(directories)) {
      return failAtHive(
        'Cannot find images: there is no directory "images" beside it',
        "make one: images/NAME/image.yml and images/NAME/Dockerfile",
      );
    }
    const message = `Cannot read "images": ${directories.message}`;
    report(fileFinding("images", { code: "HV1007", message }));
    return undefined;
  }
  await warnAboutLinks(directories.values(), files);
  const read = await readImages(directories, files);
  if (read === undefined) {
    return failAtHive(
      'Cannot find images: no directory below "images" has an image.yml',
      "make one: images/NAME/image.yml and images/NAME/Dockerfile",
    );
  }
  const pins = await readLock(files);
  if (hive === undefined) return undefined;
  const sources = sourcesOf(hive.source, read);
  const { platforms } = hive.settings;
  const isFine = checkSize(read.images, platforms.length, { sources, report });
  if (isFine) checkTags(read.images, sources, report);
  const locked = pins === undefined ? {} : { pins };
  return {
    root,
    file,
    ...hive.settings,
    impureTemplates,
    images: read.images,
    ...locked,
    sources,
  };
}

type ReadImages = {
  readonly images: readonly ImageDefinition[];
  readonly sources: readonly SourceText[];
};

// Undefined when there is no definition at all; those that can't be read are findings.
async function readImages(
  directories: ReadonlyMap<string, ImageDirectory>,
  files: ProjectFiles,
): Promise<ReadImages | undefined> {
  const candidates = [...directories.values()]
    .filter(({ entries }) => imageFileNames.some((name) => entries.has(name)))
    .toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1));
  if (candidates.length === 0) return undefined;
  const parsed = await mapLimited(candidates, 16, async (directory) => ({
    directory,
    image: await readImageFile(directory, files),
  }));
  const variantDirectories = new Set(
    parsed.flatMap(({ directory, image }) =>
      (image?.data.variants ?? []).map(({ name }) => `${directory.identifier}/${name}`),
    ),
  );
  const definitions = parsed.filter(
    ({ directory }) => !variantDirectories.has(directory.identifier),
  );
  const around = {
    directories,
    files,
    definitions: candidates.map(({ identifier }) => identifier),
  };
  const images = await mapLimited(definitions, 16, async ({ directory, image }) =>
    image === undefined ? undefined : readImage(image, { directory, ...around }),
  );
  return {
    images: images.filter((image) => image !== undefined),
    sources: definitions.flatMap(({ image }) => (image === undefined ? [] : [image.source])),
  };
}

function sourcesOf(hive: SourceText, { images, sources }: ReadImages): Map<string, SourceText> {
  const files = images.flatMap((image) => [
    image.files,
    ...image.variants.map((variant) => variant.files),
  ]);
  const others = files.flatMap(({ dockerfile, readme, test }) =>
    [dockerfile, readme, test].flatMap((file) => (file === undefined ? [] : [file.source])),
  );
  return new Map([hive, ...sources, ...others].map((source) => [source.file, source]));
}
