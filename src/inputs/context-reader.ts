import { join } from "node:path";
import { mapLimited } from "../base/map-limited.ts";
import { isMissingFile } from "../base/system-error.ts";
import { targetContext } from "../context/target-context.ts";
import { type Digest, digestOf } from "../oci/digest.ts";
import type { ContextSources } from "../plan/plan.ts";
import { type ContextMemory, type MemoryHead, readMemory, writeMemory } from "./context-memory.ts";
import { walkContext, type WalkedFile } from "./walk-context.ts";

/** Which context is to be read, and what of it counts. */
export type ContextRequest = {
  readonly sources: ContextSources;
  /** What the ignore file of this Dockerfile alone says; without one the context's `.dockerignore` counts. */
  readonly ignore: string | undefined;
  /** Whether modification times count: they reach the image where nothing rewrites them. */
  readonly times: boolean;
};

/** What a build would see of a context, by content: the same on every machine. */
export type ContextContent = {
  /** Of the listing. */
  readonly digest: Digest;
  /** What `parseListing()` reads. */
  readonly listing: () => string;
};

/** Reads contexts for one run. */
export type ContextReader = {
  /** What was there when it was first asked for: the tags and platforms of an image share a context. */
  readonly read: (request: ContextRequest) => Promise<ContextContent>;
  /** What is there now. */
  readonly readAgain: (request: ContextRequest) => Promise<ContextContent>;
};

/** Files that are read at a time. */
const readsAtOnce = 8;

/**
 * Reads contexts. What it read it remembers in `directory`, if there is one: a file is read again only when the file
 * system says that it was touched.
 * `read` and `readAgain` throw SyntaxError for an ignore pattern that can't be read, HiveError as `targetContext` does.
 */
export function createContextReader(directory: string | undefined): ContextReader {
  const known = new Map<string, Promise<DiskContent>>();

  function readDisk(request: ContextRequest, name: string): Promise<DiskContent> {
    return readContext(request, directory === undefined ? undefined : join(directory, name));
  }

  return {
    async read(request) {
      const name = memoryName(request);
      const key = JSON.stringify([name, request.ignore]);
      const disk = known.get(key) ?? readDisk(request, name);
      known.set(key, disk);
      return withRendered(await disk, request.sources.rendered);
    },
    async readAgain(request) {
      return withRendered(await readDisk(request, memoryName(request)), request.sources.rendered);
    },
  };
}

/** The part of a context that lies on disk, and the places of what was rendered. */
type DiskContent = ContextContent & {
  readonly rendered: readonly (readonly [path: string, mode: number])[];
};

async function readContext(
  { sources, ignore, times }: ContextRequest,
  path: string | undefined,
): Promise<DiskContent> {
  const all = await walkContext(targetContext(sources), ignore);
  const isRendered = (file: WalkedFile): boolean => Object.hasOwn(sources.rendered, file.path);
  const rendered = all.filter(isRendered).map(({ path: file, mode }) => [file, mode] as const);
  const files = rendered.length === 0 ? all : all.filter((file) => !isRendered(file));
  const memory = path === undefined ? undefined : readMemory(path);
  const state = stateOf(files);
  if (memory !== undefined && state !== undefined && memory.state === state) {
    const listing = (): string => listingOf(memory.files());
    return { digest: memory.digest, listing, rendered };
  }
  const lines = await readFiles(files, memory, times);
  const digest = digestOf(listingOf(lines));
  // A store that can't be written to is told by what needs it.
  if (path !== undefined) {
    await writeMemory(path, { state, digest, files: lines }).catch(() => undefined);
  }
  return { digest, listing: () => listingOf(lines), rendered };
}

async function readFiles(
  files: readonly WalkedFile[],
  memory: MemoryHead | undefined,
  times: boolean,
): Promise<ContextMemory["files"]> {
  const before = new Map(memory?.files().map((file) => [file.path, file]));
  return await mapLimited(files, readsAtOnce, async (file) => {
    const { path, type, mode, link, content, mtime, state } = file;
    const old = before.get(path);
    const isSame = state !== undefined && old?.state === state;
    const hex = isSame ? old.content : await contentOf(content);
    const time = times && type !== "directory" ? [mtime] : [];
    const line = JSON.stringify([path, type, mode, hex === "" ? link : hex, ...time]);
    return { path, state, line, content: hex };
  });
}

/** The hexadecimal digest of a file's bytes; "" for what is no file. */
async function contentOf(content: WalkedFile["content"]): Promise<string> {
  if (content === undefined) return "";
  const hasher = new Bun.CryptoHasher("sha256");
  if ("bytes" in content) return hasher.update(content.bytes).digest("hex");
  try {
    for await (const chunk of Bun.file(content.path).stream()) hasher.update(chunk);
  } catch (error) {
    // Gone since it was listed. The build will tell, or find it again; then the next look will, too.
    if (!isMissingFile(error)) throw error;
    return "gone";
  }
  return hasher.digest("hex");
}

function withRendered(disk: DiskContent, rendered: ContextSources["rendered"]): ContextContent {
  if (disk.rendered.length === 0) return disk;
  const lines = disk.rendered.map(([path, mode]) => {
    const hex = new Bun.CryptoHasher("sha256").update(rendered[path] ?? "").digest("hex");
    return JSON.stringify([path, "file", mode, hex]);
  });
  return {
    digest: digestOf([disk.digest, ...lines].join("\n")),
    listing: () => [disk.listing(), ...lines].filter((line) => line !== "").join("\n"),
  };
}

function stateOf(files: readonly WalkedFile[]): string | undefined {
  if (files.some(({ state }) => state === undefined)) return undefined;
  const hasher = new Bun.CryptoHasher("sha256");
  for (const { path, type, mode, link, state = "" } of files) {
    hasher.update(`${JSON.stringify([path, type, mode, link, state])}\n`);
  }
  return hasher.digest("hex");
}

function listingOf(files: readonly { readonly line: string }[]): string {
  return files.map(({ line }) => line).join("\n");
}

/** Contexts made of the same paths share what is remembered of their files, whatever was rendered and is ignored. */
function memoryName({ sources, times }: ContextRequest): string {
  const parts = [{ ...sources, rendered: Object.keys(sources.rendered) }, times];
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(parts)).digest("hex");
}
