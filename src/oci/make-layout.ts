import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { digestAlgorithms } from "./digest.ts";
import { emptyLayoutIndex } from "./layout-index.ts";

type MakeLayoutOptions = {
  /** Where unfinished files stand; the same file system. Default: `directory` itself. */
  readonly scratch?: string;
  /** Texts of files that belong there besides, by their names. */
  readonly more?: Readonly<Record<string, string>>;
};

/** What `oci-layout` says: by this file tools tell an image layout. */
export const layoutMarker = { imageLayoutVersion: "1.0.0" } as const;

/** Makes what is missing of an image layout, in an order in which a killed process leaves nothing that misleads. */
export async function makeLayout(
  directory: string,
  { scratch = directory, more = {} }: MakeLayoutOptions = {},
): Promise<void> {
  await makeBlobDirectories(directory);
  const files: Readonly<Record<string, string>> = {
    ...more,
    "index.json": JSON.stringify(emptyLayoutIndex()),
    "oci-layout": JSON.stringify(layoutMarker),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    if (!existsSync(path)) await writeFileAtomically(path, text, { scratch });
  }
}

/** Makes `blobs/<algorithm>` for every algorithm, where it is missing. */
export async function makeBlobDirectories(directory: string): Promise<void> {
  for (const algorithm of digestAlgorithms) {
    await mkdir(join(directory, "blobs", algorithm), { recursive: true });
  }
}

/** @throws HiveError when `directory` has an `oci-layout` file of another version. */
export async function checkLayoutVersion(directory: string): Promise<void> {
  const path = join(directory, "oci-layout");
  if (!existsSync(path)) return;
  const text = await Bun.file(path).text();
  if (/"imageLayoutVersion"\s*:\s*"1\./.test(text)) return;
  throw new HiveError("failed", `Cannot use "${path}": it is no OCI image layout of version 1`, {
    hint: "If nothing else uses the directory it is safe to delete it: the next build fills it again.",
  });
}
