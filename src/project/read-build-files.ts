import { realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { ImageDirectory } from "./find-directories.ts";
import type { BuildFiles } from "./project.ts";
import {
  escapeFinding,
  fileFinding,
  isInside,
  readSource,
  type ProjectFiles,
} from "./read-source.ts";

/**
 * Reads what an image or a variant has in its directory; undefined after a finding.
 * `missing` is the finding for a directory without a Dockerfile.
 */
export async function readBuildFiles(
  directory: ImageDirectory,
  files: ProjectFiles,
  missing: Diagnostic,
): Promise<BuildFiles | undefined> {
  const dockerfilePath = join(directory.path, "Dockerfile");
  const shown = (name: string): string => relative(files.root, join(directory.path, name));
  const hasDockerfile = directory.entries.has("Dockerfile");
  const hasTemplate = directory.entries.has("Dockerfile.gotpl");
  reportTemplates(directory, files, shown);
  if (hasDockerfile && hasTemplate) {
    files.report(
      fileFinding(shown("Dockerfile.gotpl"), {
        code: "HV1015",
        message: `Cannot choose between "${shown("Dockerfile")}" and "${shown("Dockerfile.gotpl")}"`,
        help: "remove one of the two",
      }),
    );
    return undefined;
  }
  if (hasTemplate) {
    files.report(
      fileFinding(shown("Dockerfile.gotpl"), {
        code: "HV1016",
        message: `Cannot render "${shown("Dockerfile.gotpl")}": templates are not supported yet in this version`,
        help: "write a plain Dockerfile; versions and build_args reach it as ARG",
      }),
    );
    return undefined;
  }
  if (!hasDockerfile) {
    files.report(missing);
    return undefined;
  }
  const dockerfile = await readSource(dockerfilePath, files);
  const rootfs = await findRootfs(directory, files);
  if (dockerfile === undefined || rootfs === undefined) return undefined;
  return {
    directory: directory.path,
    dockerfile: { source: dockerfile, path: dockerfilePath, isTemplate: false },
    ...(rootfs.path === undefined ? {} : { rootfs: rootfs.path }),
  };
}

// Templates of files that no build reads: the build may go on without them, but not in silence.
function reportTemplates(
  directory: ImageDirectory,
  files: ProjectFiles,
  shown: (name: string) => string,
): void {
  for (const name of ["README.md.gotpl", "test.yml.gotpl", "test.yaml.gotpl"]) {
    if (!directory.entries.has(name)) continue;
    files.report(
      fileFinding(shown(name), {
        code: "HV1016",
        severity: "warning",
        message: `Skipped "${shown(name)}": templates are not supported yet in this version`,
      }),
    );
  }
}

// Undefined after a finding.
async function findRootfs(
  directory: ImageDirectory,
  files: ProjectFiles,
): Promise<{ readonly path?: string } | undefined> {
  const entry = directory.entries.get("rootfs");
  if (entry === undefined) return {};
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
