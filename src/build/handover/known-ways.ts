import { mkdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../base/cache-directory.ts";
import type { Environment } from "../../base/environment.ts";
import { isRecord } from "../../base/is-record.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import { writeFileAtomically } from "../../oci/atomic-file.ts";

/** How images were handed over to a daemon: what was found out by trying. */
export type KnownWay = "registry" | "session";

/** What earlier runs found out about daemons. It saves a try, nothing more: what is lost or wrong does no harm. */
export type KnownWays = {
  /** Undefined when nobody knows, or it is long ago. */
  find(buildkit: Buildkit): KnownWay | undefined;
  /** Never rejects. @param way undefined: nobody knows any more */
  remember(buildkit: Buildkit, way: KnownWay | undefined): Promise<void>;
};

/** Milliseconds. A daemon may be started otherwise; then it is noticed when builds fail of it, or after that long. */
const lifetime = 24 * 60 * 60 * 1000;
const mostEntries = 50;
/** Bytes. A bigger file is not ours. */
const sizeLimit = 64 * 1024;

type Entry = { readonly way: KnownWay; readonly time: number };

/** Those that are kept in the user's cache directory; none where there is no such directory. */
export function openKnownWays(env: Environment): KnownWays {
  const directory = cacheDirectory(env);
  const path = directory && join(directory, "handover.json");
  let writing: Promise<void> = Promise.resolve();

  async function change(key: string, way: KnownWay | undefined): Promise<void> {
    if (directory === undefined || path === undefined) return;
    try {
      const entries = read(path);
      entries.delete(key);
      if (way !== undefined) entries.set(key, { way, time: Date.now() });
      const kept = [...entries].toSorted(([, a], [, b]) => a.time - b.time).slice(-mostEntries);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const text = `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`;
      await writeFileAtomically(path, text, { mode: 0o600 });
    } catch {
      // The next run tries again.
    }
  }

  return {
    find: (buildkit) => (path === undefined ? undefined : read(path).get(keyOf(buildkit))?.way),
    async remember(buildkit, way) {
      writing = writing.then(() => change(keyOf(buildkit), way));
      await writing;
    },
  };
}

/** The same daemon at the same address, asked from the same network: that of a container is another. */
function keyOf({ address, workers }: Buildkit): string {
  return `${address} ${workers[0]?.id ?? ""} ${ownNetwork()}`;
}

function ownNetwork(): string {
  try {
    return readlinkSync("/proc/self/ns/net");
  } catch {
    return "";
  }
}

/** What is in the file and still counts; nothing when it can't be read. */
function read(path: string): Map<string, Entry> {
  try {
    if (statSync(path).size > sizeLimit) return new Map();
    const found: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isRecord(found)) return new Map();
    return new Map(
      Object.entries(found).filter((entry): entry is [string, Entry] => isEntry(entry[1])),
    );
  } catch {
    return new Map();
  }
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value)) return false;
  const { way, time } = value;
  if (way !== "registry" && way !== "session") return false;
  const age = Date.now() - Number(time);
  return age >= 0 && age < lifetime;
}
