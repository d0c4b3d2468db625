import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { imageFileNames, type ImageDirectory } from "./find-directories.ts";
import { fileFinding, type ProjectFiles } from "./read-source.ts";

/** Warns of links to directories that would be images: links are not followed, so nobody would hear of them. */
export async function warnAboutLinks(
  directories: Iterable<ImageDirectory>,
  { root, report }: ProjectFiles,
): Promise<void> {
  for (const { path, entries } of directories) {
    for (const [name, entry] of entries) {
      if (!entry.isSymbolicLink() || !(await hasImageFile(join(path, name)))) continue;
      const file = relative(root, join(path, name));
      report(
        fileFinding(file, {
          code: "HV1018",
          severity: "warning",
          message: `Ignored "${file}": it is a symlink, and images are not looked for behind one`,
          help: "move the directory here, or remove the link",
        }),
      );
    }
  }
}

async function hasImageFile(directory: string): Promise<boolean> {
  for (const name of imageFileNames) {
    const found = await stat(join(directory, name)).catch(() => undefined);
    if (found !== undefined) return true;
  }
  return false;
}
