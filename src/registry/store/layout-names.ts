import { rename } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { writeFileAtomically } from "../../oci/atomic-file.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { emptyLayoutIndex, named, readLayoutIndex, referenceName } from "../../oci/layout-index.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { setAsidePath } from "./set-aside-path.ts";
import { createPause } from "./pause.ts";
import { imageReference } from "./seed-metadata.ts";

/**
 * What `index.json` of a store lists. One that is damaged is set aside: it can be made again but for the entries that
 * others put there.
 */
export async function layoutEntries(
  directory: string,
  onWarning: (message: string) => void,
): Promise<readonly Descriptor[]> {
  try {
    return ((await readLayoutIndex(directory)) ?? emptyLayoutIndex()).manifests;
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    const path = join(directory, "index.json");
    const kept = setAsidePath(path);
    await rename(path, kept);
    onWarning(`${error.message}; it is made anew, and the damaged file is kept as "${kept}"`);
    return [];
  }
}

/** Whether an entry of `index.json` is no tag of a repository: others put it there, and it stays. */
export function isForeignEntry(entry: Descriptor): boolean {
  return imageReference(referenceName(entry) ?? "") === undefined;
}

/**
 * Writes `index.json`, so that tools which read image layouts find every tag as `repository:tag`. Tags that change
 * meanwhile may be as before or after.
 */
export async function writeLayoutNames(
  directory: string,
  metadata: MetadataStore,
  others: readonly Descriptor[],
): Promise<void> {
  await writeFileAtomically(join(directory, "index.json"), indexText(metadata, others));
}

/** In pieces: it may be long, and requests are served meanwhile. */
async function* indexText(
  metadata: MetadataStore,
  others: readonly Descriptor[],
): AsyncGenerator<Uint8Array> {
  const pause = createPause();
  const { manifests: _, ...head } = emptyLayoutIndex();
  let text = `${JSON.stringify(head).slice(0, -1)},"manifests":[`;
  let separator = "";
  for (const entry of entries(metadata, others)) {
    text += separator + JSON.stringify(entry);
    separator = ",";
    if (text.length < 64 * 1024) continue;
    yield Buffer.from(text);
    text = "";
    await pause.ifDue();
  }
  yield Buffer.from(`${text}]}\n`);
}

function* entries(metadata: MetadataStore, others: readonly Descriptor[]): Generator<Descriptor> {
  yield* others;
  // Copies: the lists change while this waits.
  for (const repository of metadata.repositories().slice()) {
    for (const tag of metadata.tags(repository)?.slice() ?? []) {
      const record = metadata.findTag(repository, tag);
      if (record === undefined) continue;
      const { mediaType, digest, size } = record;
      yield named({ mediaType, digest, size }, `${repository}:${tag}`);
    }
  }
}
