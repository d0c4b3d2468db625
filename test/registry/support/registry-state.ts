import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a process holds in memory, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s*([0-9]+) kB/.exec(status)?.[1]) * 1024;
}

/** Names in the directory that holds a store. */
export async function filesBeside(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).toSorted();
}

/** Files among a store's blobs whose content is not what their name says. */
export async function damagedBlobs(storage: string): Promise<readonly string[]> {
  const damaged: string[] = [];
  for (const algorithm of await readdir(join(storage, "blobs"))) {
    for (const name of await readdir(join(storage, "blobs", algorithm))) {
      const bytes = await readFile(join(storage, "blobs", algorithm, name));
      const digest = createHash(algorithm).update(bytes).digest("hex");
      if (digest !== name) damaged.push(`${algorithm}:${name}`);
    }
  }
  return damaged;
}
