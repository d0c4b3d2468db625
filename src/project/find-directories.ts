import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { mapLimited } from "../base/map-limited.ts";

/** A directory below `images/` and the names in it. */
export type ImageDirectory = {
  /** Absolute. */
  readonly path: string;
  /** Below `images/`, `/`-separated; "" is `images` itself. */
  readonly identifier: string;
  readonly entries: ReadonlyMap<string, Dirent>;
};

/** The names that make a directory an image definition. */
export const imageFileNames = ["image.yml", "image.yaml"] as const;

/**
 * Every directory in `images` and below, by identifier. `rootfs/` directories are known but not entered, and symlinks
 * are not followed, so that the walk has an end.
 * @throws when a directory can't be read.
 */
export async function findDirectories(images: string): Promise<Map<string, ImageDirectory>> {
  const found = new Map<string, ImageDirectory>();
  let level = [{ path: images, identifier: "" }];
  while (level.length > 0) {
    const directories = await mapLimited(level, 16, async (at): Promise<ImageDirectory> => {
      const entries = await readdir(at.path, { withFileTypes: true });
      return { ...at, entries: new Map(entries.map((entry) => [entry.name, entry])) };
    });
    for (const directory of directories) found.set(directory.identifier, directory);
    level = directories.flatMap((directory) => subdirectories(directory));
  }
  return found;
}

function subdirectories({
  path,
  identifier,
  entries,
}: ImageDirectory): { path: string; identifier: string }[] {
  return [...entries.values()]
    .filter((entry) => entry.isDirectory() && entry.name !== "rootfs")
    .map(({ name }) => ({
      path: join(path, name),
      identifier: identifier === "" ? name : `${identifier}/${name}`,
    }));
}

/** The repository name of the definition at `identifier`: `dotnet/8` is one of `dotnet`'s. */
export function imageNameOf(identifier: string): string {
  const slash = identifier.lastIndexOf("/");
  return slash === -1 ? identifier : identifier.slice(0, slash);
}
