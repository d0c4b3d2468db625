import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tempDirectory } from "./temp-directory.ts";

export type TempProject = AsyncDisposable & { readonly root: string };

/**
 * A directory with these files and no others, for what reads a project without building it; `-> target` makes a
 * symlink. `projectDirectory()` makes one that can be built.
 */
export async function tempProject(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<TempProject> {
  const directory = await tempDirectory();
  const root = directory.path;
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === "string" && content.startsWith("-> ")) {
      await symlink(content.slice(3), path);
    } else await writeFile(path, content);
  }
  return { root, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

/** One image `app` with these files, in a project without settings. */
export function appProject(
  image: string,
  dockerfile: string = "FROM scratch\n",
): Record<string, string> {
  return {
    "hive.yml": "platforms: [linux/amd64]\n",
    "images/app/image.yml": image,
    "images/app/Dockerfile": dockerfile,
  };
}
