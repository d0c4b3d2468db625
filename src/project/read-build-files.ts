import { realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { ImageDirectory } from "./find-directories.ts";
import { present } from "./present.ts";
import type { BuildFiles, ProjectFile } from "./project.ts";
import {
  escapeFinding,
  fileFinding,
  isInside,
  readSource,
  type ProjectFiles,
} from "./read-source.ts";
import { readTest } from "./read-test.ts";

// The first that is there counts.
const testNames = ["test.yml", "test.yaml", "test.yml.gotpl", "test.yaml.gotpl"];

/**
 * Reads what an image or a variant has in its directory; undefined after a finding.
 * `missing` is the finding for a directory without a Dockerfile.
 */
export async function readBuildFiles(
  directory: ImageDirectory,
  files: ProjectFiles,
  missing: Diagnostic,
): Promise<BuildFiles | undefined> {
  const [name, template] = namesOf(directory, ["Dockerfile", "Dockerfile.gotpl"]);
  const shown = (file: string): string => relative(files.root, join(directory.path, file));
  if (template !== undefined) {
    files.report(
      fileFinding(shown(template), {
        code: "HV1015",
        message: `Cannot choose between "${shown("Dockerfile")}" and "${shown(template)}"`,
        help: "remove one of the two",
      }),
    );
    return undefined;
  }
  if (name === undefined) {
    files.report(missing);
    return undefined;
  }
  const dockerfile = await readProjectFile(directory, name, files);
  const test = await readTestFile(directory, files);
  const readme = await readReadme(directory, files);
  const rootfs = await findRootfs(directory, files);
  await checkIgnoreFile(directory, files);
  if (dockerfile === undefined || rootfs === undefined) return undefined;
  return present({ directory: directory.path, dockerfile, readme, test, rootfs: rootfs.path });
}

function namesOf({ entries }: ImageDirectory, names: readonly string[]): string[] {
  return names.filter((name) => !(entries.get(name)?.isDirectory() ?? true));
}

async function readProjectFile(
  directory: ImageDirectory,
  name: string,
  files: ProjectFiles,
): Promise<ProjectFile | undefined> {
  const path = join(directory.path, name);
  const source = await readSource(path, files, directory.entries.get(name));
  return source && { source, path, isTemplate: name.endsWith(".gotpl") };
}

async function readTestFile(
  directory: ImageDirectory,
  files: ProjectFiles,
): Promise<ProjectFile | undefined> {
  const [name, ...others] = namesOf(directory, testNames);
  if (name === undefined) return undefined;
  for (const other of others) files.report(ignored(directory, files, { name: other, by: name }));
  const test = await readProjectFile(directory, name, files);
  if (test !== undefined && !test.isTemplate) {
    await readTest(test.source, files.report, { lenient: files.lenient });
  }
  return test;
}

async function readReadme(
  directory: ImageDirectory,
  files: ProjectFiles,
): Promise<ProjectFile | undefined> {
  const [template] = namesOf(directory, ["README.md.gotpl"]);
  if (template === undefined) return undefined;
  const [plain] = namesOf(directory, ["README.md"]);
  if (plain === undefined) return readProjectFile(directory, template, files);
  files.report(ignored(directory, files, { name: template, by: plain }));
  return undefined;
}

function ignored(
  directory: ImageDirectory,
  { root }: ProjectFiles,
  { name, by }: { readonly name: string; readonly by: string },
): Diagnostic {
  const file = relative(root, join(directory.path, name));
  return fileFinding(file, {
    code: "HV1016",
    severity: "warning",
    message: `Ignored "${file}": "${by}" beside it comes first`,
    help: "remove one of the two",
  });
}

// Its patterns go to the daemon, so it must be the project's own.
async function checkIgnoreFile({ path, entries }: ImageDirectory, files: ProjectFiles) {
  const name = "Dockerfile.dockerignore";
  if (entries.get(name)?.isSymbolicLink() !== true) return;
  const real = await realpath(join(path, name)).catch(() => undefined);
  if (real !== undefined && isInside(real, files.inside)) return;
  files.report(escapeFinding(relative(files.root, join(path, name))));
}

// Undefined after a finding.
async function findRootfs(
  directory: ImageDirectory,
  files: ProjectFiles,
): Promise<{ readonly path: string | undefined } | undefined> {
  const entry = directory.entries.get("rootfs");
  if (entry === undefined) return { path: undefined };
  const path = join(directory.path, "rootfs");
  const file = relative(files.root, path);
  if (entry.isSymbolicLink()) {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || !isInside(real, files.inside)) {
      files.report(escapeFinding(file));
      return undefined;
    }
  }
  if ((await stat(path)).isDirectory()) return { path };
  const message = `Cannot use "${file}": it is not a directory`;
  files.report(fileFinding(file, { code: "HV1019", message }));
  return undefined;
}
