import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Digest } from "../oci/digest.ts";
import { isBuildRecord } from "./is-build-record.ts";
import type { TargetInputs } from "./target-inputs.ts";

/** What a target's last successful build was made of, and the image that it gave. */
export type BuildRecord = {
  readonly target: string;
  /** Absent when the same inputs may give another image: then BuildKit is asked each time. */
  readonly key?: string;
  readonly digest: Digest;
  /** Milliseconds since 1970 when it was built. */
  readonly time: number;
  readonly inputs: TargetInputs;
};

/** The last builds of all targets. Only a hint: what it says must still be looked for in the store. */
export type BuildRecords = {
  find(target: string): BuildRecord | undefined;
  /** The image that these inputs gave: of any target, as two tags of an image may be made of the same. */
  findKey(key: string): Digest | undefined;
  remember(record: BuildRecord): void;
  newest(): BuildRecord | undefined;
  /** The newest record of every target. */
  all(): readonly BuildRecord[];
  /**
   * Puts what many runs wrote into one file, without the records of images that are no longer wanted.
   * Only while no other run starts; `living` names the runs there are.
   */
  compact(living: readonly string[], isWanted: (record: BuildRecord) => boolean): Promise<void>;
};

/** Files that a run reads before it puts them into one. */
const mostFiles = 8;

/**
 * Records in `directory`, one file a run, one line of JSON a target, appended when the target is done: runs do not wait for
 * each other, and of a run that is killed all but perhaps the last line is there. A line that can't be read is none.
 * @param run names this run among those that live; without it nothing is written
 */
export function openBuildRecords(directory: string, run?: string): BuildRecords {
  const targets = new Map<string, BuildRecord>();
  const keys = new Map<string, Digest>();
  let lines = 0;
  let newest: BuildRecord | undefined;

  function add(record: BuildRecord): void {
    lines += 1;
    if (newest === undefined || record.time > newest.time) newest = record;
    const old = targets.get(record.target);
    if (old !== undefined && old.time > record.time) return;
    targets.set(record.target, record);
    if (record.key !== undefined) keys.set(record.key, record.digest);
  }

  const names = list(directory);
  for (const name of names) for (const record of readRecords(join(directory, name))) add(record);
  const own = run === undefined ? undefined : join(directory, `${run}.jsonl`);
  let isMade = false;

  return {
    find: (target) => targets.get(target),
    findKey: (key) => keys.get(key),
    newest: () => newest,
    all: () => [...targets.values()],
    remember(record) {
      add(record);
      if (own === undefined) return;
      if (!isMade) mkdirSync(directory, { recursive: true });
      isMade = true;
      // One write: a reader never sees half of a line that another follows.
      appendFileSync(own, `${JSON.stringify(record)}\n`);
    },
    async compact(living, isWanted) {
      if (own === undefined || (names.length < mostFiles && lines < 2 * targets.size)) return;
      // Read anew: other runs may have written meanwhile.
      const fresh = openBuildRecords(directory);
      const kept = fresh.all().filter(isWanted);
      const temporary = join(directory, `${crypto.randomUUID()}.tmp`);
      mkdirSync(directory, { recursive: true });
      await writeFile(temporary, kept.map((record) => `${JSON.stringify(record)}\n`).join(""));
      const alive = new Set([...living, String(run)].map((path) => `${basename(path)}.jsonl`));
      // Unfinished files of a run that was killed here are among them.
      const dead = readdirSync(directory).filter((name) => !alive.has(name));
      await rename(temporary, own);
      for (const name of dead) rmSync(join(directory, name), { force: true });
    },
  };
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(".jsonl"));
  } catch {
    return [];
  }
}

function readRecords(path: string): BuildRecord[] {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Gone since it was listed: another run put it into its own.
  }
  return text.split("\n").flatMap((line) => {
    try {
      const record: unknown = JSON.parse(line);
      return isBuildRecord(record) ? [record] : [];
    } catch {
      return [];
    }
  });
}
