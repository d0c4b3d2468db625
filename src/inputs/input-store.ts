import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { readIgnore } from "../context/read-ignore.ts";
import { digestHex } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";
import { type BuildRecords, openBuildRecords } from "./build-records.ts";
import { type ContextReader, createContextReader } from "./context-reader.ts";
import { type InputTexts, openInputTexts } from "./input-texts.ts";

/** What a project's store remembers of what its images are made of: `inputs/` beside the images. */
export type InputStore = {
  readonly contexts: ContextReader;
  /** What the ignore file of the Dockerfile at this path alone says; read once. */
  readonly ignore: (dockerfile: string) => string | undefined;
  readonly records: BuildRecords;
  readonly texts: InputTexts;
};

const day = 24 * 60 * 60 * 1000;

/**
 * Opens `inputs/` in the store at `directory`, `.hive`. Where there is no store nothing is remembered.
 * @param layout the store as a run that builds has it; without it records can't be added
 */
export function openInputStore(directory: string, layout?: ImageLayout): InputStore {
  const inputs = join(directory, "inputs");
  const ignored = new Map<string, string | undefined>();
  const isThere = layout !== undefined || existsSync(join(directory, "oci-layout"));
  return {
    contexts: createContextReader(isThere ? join(inputs, "contexts") : undefined),
    ignore: (dockerfile) => {
      if (!ignored.has(dockerfile)) ignored.set(dockerfile, readIgnore(dockerfile));
      return ignored.get(dockerfile);
    },
    records: openBuildRecords(
      join(inputs, "records"),
      layout === undefined ? undefined : basename(layout.scratch),
    ),
    texts: openInputTexts(join(inputs, "texts")),
  };
}

/** Removes what is no longer of use: records of images that are gone, their texts, contexts not asked for in a month. */
export async function sweepInputStore(store: InputStore, layout: ImageLayout): Promise<void> {
  const { directory, blobs } = layout;
  await layout.exclusively(async (others) => {
    await store.records.compact(others, ({ digest }) => blobs.find(digest) !== undefined);
  });
  const named = new Set(
    store.records
      .all()
      .flatMap(({ inputs }) => [digestHex(inputs.context), digestHex(inputs.dockerfile)]),
  );
  removeOlder(join(directory, "inputs", "contexts"), 30 * day, () => true);
  // Another run may be about to name one that it has just stored.
  removeOlder(join(directory, "inputs", "texts"), day, (name) => !named.has(name));
}

function removeOlder(directory: string, age: number, mayGo: (name: string) => boolean): void {
  if (!existsSync(directory)) return;
  const oldest = Date.now() - age;
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (mayGo(name) && changed < oldest) rmSync(path, { force: true });
  }
}
