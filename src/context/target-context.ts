import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { mapLimited } from "../base/map-limited.ts";
import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";
import type { ContextSources } from "../plan/plan.ts";
import { readEntries } from "./read-entries.ts";
import { findEntry, readTarget } from "./read-entry.ts";
import { renderedEntry } from "./rendered-entry.ts";
import { steadyModes } from "./steady-modes.ts";
import { UnsendableFile } from "./unsendable-file.ts";

/**
 * The files of a build context as one tree: the image's directory without what is excluded, the Dockerfile, `rootfs/`,
 * in which each rootfs is laid over those before it, file by file, and over all what was rendered. Where a directory meets a file or a link,
 * the later one is there and the earlier one is gone. Nothing is read before it is listed; symlinks are entries, never
 * followed; sockets are left out, devices and pipes refused. Modes do not tell the umask of a git checkout. Hard links become files of their own; extended attributes are not read.
 * @throws UnsendableFile from `list`: a name in the context is not UTF-8.
 */
export function targetContext(sources: ContextSources): FileTree {
  const tree = diskTree(sources);
  return sources.tracked === true ? steadyModes(tree) : tree;
}

function diskTree(sources: ContextSources): FileTree {
  const excluded = new Set(sources.exclude);
  const layers = [
    diskLayer(sources.directory, excluded),
    fileLayer("Dockerfile", sources.dockerfile),
    ...sources.rootfs.map((root) => rootfsLayer(root)),
    renderedLayer(sources),
  ];
  return {
    list: async (path) => {
      const entries = new Map<string, FileEntry>();
      const directories = await layersWith(layers, path);
      if (directories.length === 0) throw noDirectory(path);
      for (const layer of directories) {
        for (const entry of await layer.list(path)) entries.set(entry.name, entry);
      }
      return [...entries.values()];
    },
    find: async (path) => {
      if (path === "") return readTarget(sources.directory, "");
      const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
      for (const layer of (await layersWith(layers, parent)).toReversed()) {
        const entry = await layer.find(path);
        if (entry !== undefined) return entry;
      }
      return undefined;
    },
  };
}

/** One of the directories that a context is made of. Asked for a path only when its parent is a directory here. */
type Layer = {
  readonly find: (path: string) => Promise<FileEntry | undefined>;
  readonly list: (path: string) => Promise<readonly FileEntry[]>;
};

// The layers whose directory `path` is visible: those above the last one that has something else there, or above it.
async function layersWith(layers: readonly Layer[], path: string): Promise<readonly Layer[]> {
  const parts = path === "" ? [] : path.split("/");
  let visible = layers;
  for (const index of parts.keys()) {
    const prefix = parts.slice(0, index + 1).join("/");
    const found: Layer[] = [];
    for (const layer of visible) {
      const entry = await layer.find(prefix);
      if (entry?.type === "directory") found.push(layer);
      else if (entry !== undefined) found.length = 0;
    }
    visible = found;
  }
  return visible;
}

function diskLayer(root: string, excluded: ReadonlySet<string>): Layer {
  return {
    find: async (path) => (excluded.has(path) ? undefined : findEntry(join(root, path))),
    list: async (path) => {
      const names = await readdir(join(root, path));
      const paths = names
        .map((name) => (path === "" ? name : `${path}/${name}`))
        .filter((child) => !excluded.has(child));
      const entries = await readEntries(paths.map((child) => join(root, child)));
      for (const [index, entry] of entries.entries()) {
        if (entry === undefined) refuseBrokenName(join(root, paths[index] ?? ""));
      }
      return entries.filter((entry) => entry !== undefined);
    },
  };
}

// A name that is not UTF-8 was read with U+FFFD in its place, and so is not found again: it must not be left out in silence.
function refuseBrokenName(path: string): void {
  if (!path.includes("\uFFFD")) return;
  throw new UnsendableFile(path, "its name is not UTF-8", { hint: "Rename or remove the file." });
}

// One file at the context's root, from wherever it lies: a Dockerfile that is a link is sent as what it leads to.
function fileLayer(name: string, path: string): Layer {
  return {
    find: async (wanted) => (wanted === name ? readTarget(path, name) : undefined),
    list: async () => {
      const entry = readTarget(path, name);
      return entry === undefined ? [] : [entry];
    },
  };
}

// Files that exist only in memory, at the context's root.
function renderedLayer({ rendered, dockerfile }: ContextSources): Layer {
  return {
    find: async (path) => {
      const text = Object.hasOwn(rendered, path) ? rendered[path] : undefined;
      return text === undefined ? undefined : renderedEntry(path, text, dockerfile);
    },
    list: async (path) => {
      if (path !== "") return [];
      return mapLimited(Object.entries(rendered), 16, async ([name, text]) =>
        renderedEntry(name, text, dockerfile),
      );
    },
  };
}

const rootfs = "rootfs";

// A directory that is `rootfs/` in the context, from wherever it lies.
function rootfsLayer(root: string): Layer {
  const disk = diskLayer(root, new Set());
  const below = (path: string): string => path.slice(rootfs.length + 1);
  const isInside = (path: string): boolean => path.startsWith(`${rootfs}/`);
  return {
    find: async (path) => {
      if (path === rootfs) return readTarget(root, rootfs);
      return isInside(path) ? disk.find(below(path)) : undefined;
    },
    list: async (path) => {
      if (path === rootfs || isInside(path)) return disk.list(below(path));
      const entry = path === "" ? readTarget(root, rootfs) : undefined;
      return entry === undefined ? [] : [entry];
    },
  };
}

function noDirectory(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such directory in the context: "${path}"`), {
    code: "ENOENT",
  });
}
