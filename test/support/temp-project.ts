import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type TempProject = AsyncDisposable & { readonly root: string };

/** A directory with these files, removed at the end of the block. `-> target` makes a symlink. */
export async function tempProject(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<TempProject> {
  const root = await mkdtemp(join(tmpdir(), "hive-test-"));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === "string" && content.startsWith("-> ")) {
      await symlink(content.slice(3), path);
    } else await writeFile(path, content);
  }
  return {
    root,
    [Symbol.asyncDispose]: async () => rm(root, { recursive: true, force: true }),
  };
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
