import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { currentOwner, isOwnerAlive, parseOwner } from "./run-owner.ts";
import { systemErrorCode } from "../base/system-error.ts";

/** A directory for the unfinished files of one run. Disposing removes it. */
export type Scratch = Disposable & { readonly path: string };

/**
 * Makes a scratch directory below `directory`. Its name says who owns it, so it belongs to somebody from the moment
 * it exists, and `kill -9` leaves only what `sweepScratch` of the next run removes.
 */
export function createScratch(directory: string): Scratch {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${currentOwner()}.${crypto.randomUUID().slice(0, 8)}`);
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => removeAll(path) };
}

const mostTries = 20;

/**
 * Removes a directory in which removals may still be under way (`BlobStore.remove`). Bun's rmSync takes a file that is
 * gone by the time it comes to it for the end of its work, and leaves the rest without a word.
 */
function removeAll(path: string): void {
  for (let tries = 0; tries < mostTries; tries++) {
    rmSync(path, { recursive: true, force: true });
    if (!existsSync(path)) return;
  }
}

/** Removes what dead runs left below `directory`; returns the paths of the scratch directories of living ones. */
export function sweepScratch(directory: string): readonly string[] {
  const alive: string[] = [];
  for (const name of list(directory)) {
    const path = join(directory, name);
    const owner = parseOwner(name.slice(0, name.lastIndexOf(".")));
    if (owner !== undefined && isOwnerAlive(owner, path)) alive.push(path);
    else rmSync(path, { recursive: true, force: true });
  }
  return alive;
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
}
