import { open } from "node:fs/promises";

const running = new Map<string, Promise<void>>();
const waiting = new Map<string, Promise<void>>();

/**
 * Makes renames and new names in `path` survive a power cut. Calls that come while a sync is running share the next
 * one: with many small files at a time that is most of them, and the sync is most of what they cost.
 */
export function syncDirectory(path: string): Promise<void> {
  const shared = waiting.get(path);
  if (shared !== undefined) return shared;
  const before = running.get(path);
  if (before === undefined) return start(path);
  // The one that is running may have begun before the caller's rename, so it can't count for that.
  const turn = startAfter(before, path);
  waiting.set(path, turn);
  return turn;
}

async function startAfter(before: Promise<void>, path: string): Promise<void> {
  await before.catch(() => undefined);
  waiting.delete(path);
  await start(path);
}

function start(path: string): Promise<void> {
  const sync = syncNow(path).finally(() => {
    if (running.get(path) === sync) running.delete(path);
  });
  running.set(path, sync);
  return sync;
}

async function syncNow(path: string): Promise<void> {
  // Windows can't open a directory as a file and needs no such sync.
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
