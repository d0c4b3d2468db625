import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { contextKind } from "./context-kind.ts";
import { isInside, type ProjectFiles } from "./read-source.ts";
import { reportAt, type YamlFile, type YamlPath } from "./yaml/yaml-file.ts";

/** `contexts` of an image, a tag or a variant, and where it stands. */
type Contexts = { readonly path: YamlPath; readonly contexts: Readonly<Record<string, string>> };

/** Reports contexts that name directories which are not there, or not in the project; `directory` is the image's. */
export async function checkContextDirectories(
  file: YamlFile,
  levels: readonly Contexts[],
  { directory, files }: { readonly directory: string; readonly files: ProjectFiles },
): Promise<void> {
  for (const { path, contexts } of levels) {
    for (const [name, value] of Object.entries(contexts)) {
      if (contextKind(value) !== "directory") continue;
      const reason = await whyUnusable(resolve(directory, value), files.inside);
      if (reason === undefined) continue;
      reportAt(file, [...path, "contexts", name], {
        code: "HV1023",
        message: `Cannot use "${value}" as the context "${name}": ${reason}`,
        help: "name a directory of the project, relative to the image's own",
      });
    }
  }
}

async function whyUnusable(path: string, inside: readonly string[]): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return "there is no such directory";
  if (!isInside(real, inside)) return "it is not in the project";
  return (await stat(real)).isDirectory() ? undefined : "it is not a directory";
}
