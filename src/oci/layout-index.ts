import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { isRecord } from "../base/is-record.ts";
import { type Descriptor, parseDescriptor } from "./descriptor.ts";
import { mediaTypes } from "./media-types.ts";

/** The annotation that names an image in `index.json`; tools find `base:1.0` by it. */
export const referenceAnnotation = "org.opencontainers.image.ref.name";

/**
 * `index.json` of an image layout. Fields and entries of other tools are kept.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md#indexjson-file}
 */
export type LayoutIndex = Readonly<Record<string, unknown>> & {
  readonly manifests: readonly Descriptor[];
};

/**
 * Reads `index.json` in `directory`; undefined when there is none.
 * @throws HiveError when it is damaged.
 */
export async function readLayoutIndex(directory: string): Promise<LayoutIndex | undefined> {
  return await layoutIndexReader(directory)();
}

/** Reads as `readLayoutIndex()` does, again and again: the same text is parsed once. */
export function layoutIndexReader(directory: string): () => Promise<LayoutIndex | undefined> {
  const path = join(directory, "index.json");
  let known: { readonly text: string; readonly index: LayoutIndex } | undefined;
  return async () => {
    try {
      const text = await readFile(path, "utf8");
      if (known?.text !== text) known = { text, index: parseLayoutIndex(text) };
      return known.index;
    } catch (error) {
      throwUnlessMissing(error, directory);
      return undefined;
    }
  };
}

/** @throws HiveError, or `error` itself when the text is not to blame; nothing where there is no file. */
function throwUnlessMissing(error: unknown, directory: string): void {
  if (systemErrorCode(error) === "ENOENT") return;
  if (!(error instanceof SyntaxError)) throw error;
  const path = join(directory, "index.json");
  throw new HiveError("failed", `Cannot read "${path}": ${error.message}`, {
    cause: error,
    hint: `It is safe to delete "${directory}": the next build fills it again.`,
  });
}

/** Whether `changes` would change nothing, as after a build that found everything cached. */
export function hasReferences(
  index: LayoutIndex,
  changes: ReadonlyMap<string, Descriptor | undefined>,
): boolean {
  const entries = new Map(index.manifests.map((entry) => [referenceName(entry), entry]));
  return [...changes].every(([name, descriptor]) =>
    Bun.deepEquals(entries.get(name), descriptor && named(descriptor, name)),
  );
}

/** The index with `changes` applied: a descriptor sets a name, undefined removes it. */
export function changeReferences(
  index: LayoutIndex,
  changes: ReadonlyMap<string, Descriptor | undefined>,
): LayoutIndex {
  const kept = index.manifests.filter((entry) => !changes.has(referenceName(entry) ?? ""));
  const set = [...changes].flatMap(([name, descriptor]) =>
    descriptor === undefined ? [] : [named(descriptor, name)],
  );
  return { ...index, manifests: [...kept, ...set] };
}

/** The name of an entry, `base:1.0`; undefined when it has none. */
export function referenceName(entry: Descriptor): string | undefined {
  return entry.annotations?.[referenceAnnotation];
}

/** `index.json` of a layout without images. */
export function emptyLayoutIndex(): LayoutIndex {
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
}

/** An entry with a name. */
export function named(descriptor: Descriptor, name: string): Descriptor {
  return { ...descriptor, annotations: { ...descriptor.annotations, [referenceAnnotation]: name } };
}

function parseLayoutIndex(text: string): LayoutIndex {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError("it is not valid JSON", { cause: error });
  }
  if (!isRecord(document) || !Array.isArray(document["manifests"])) {
    throw new SyntaxError("it has no list of manifests");
  }
  const manifests = document["manifests"].map((entry, position) =>
    parseDescriptor(entry, `manifests[${position}]`),
  );
  return { ...document, manifests };
}
