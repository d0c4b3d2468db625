import { mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { ImageLayout } from "../oci/layout.ts";

/** Which image came of which inputs. Only a hint: what it says must still be looked for in the store. */
export type KnownResults = {
  /** The digest of the image that the inputs with this key gave. */
  find(key: string): Promise<Digest | undefined>;
  remember(key: string, digest: Digest): Promise<void>;
  /** Forgets keys that nobody asked for in a month. */
  sweep(): Promise<void>;
};

const month = 30 * 24 * 60 * 60 * 1000;

/** Keeps results in `keys/` beside the images, a small file each: written by rename, and a miss when it can't be read. */
export function createKnownResults(layout: ImageLayout): KnownResults {
  const directory = join(layout.directory, "keys");
  return {
    async find(key) {
      const path = join(directory, key);
      const text = await readFile(path, "utf8").catch(() => "");
      if (!isDigest(text)) return undefined;
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      return text;
    },
    async remember(key, digest) {
      // Two tags of an image may have the same inputs, and be done at the same time.
      const temporary = join(layout.scratch, crypto.randomUUID());
      await mkdir(directory, { recursive: true });
      await Bun.write(temporary, digest);
      await rename(temporary, join(directory, key));
    },
    async sweep() {
      const oldest = Date.now() - month;
      for (const name of await readdir(directory).catch(() => [])) {
        const path = join(directory, name);
        const used = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
        if (used < oldest) await rm(path, { force: true });
      }
    },
  };
}
