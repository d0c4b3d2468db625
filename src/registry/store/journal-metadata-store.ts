import { copyFile, rename, rm } from "node:fs/promises";
import { storageError } from "../../base/storage-error.ts";
import { createMetadataStore } from "./create-metadata-store.ts";
import { compactedPath, type Journal, openJournal, type SyncPolicy } from "./journal.ts";
import {
  applyChange,
  changesOf,
  emptyMetadataState,
  type MetadataState,
} from "./metadata-state.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { readJournal } from "./read-journal.ts";
import { setAsidePath } from "./set-aside-path.ts";

export type JournalMetadataStore = MetadataStore &
  AsyncDisposable & {
    /** Grows with every change of what tags name. */
    namesRevision(): number;
  };

type JournalMetadataOptions = {
  readonly path: string;
  readonly sync: SyncPolicy;
  /** Takes what the operator should know and the store can live with. */
  readonly onWarning: (message: string) => void;
  /** Records that the journal may have too many of before it is rewritten while it is used. Default: 10,000. */
  readonly slack?: number | undefined;
};

/**
 * Metadata in memory, with every change in the journal at `path` before it is acknowledged. The file is made when there
 * is none. A record that was being written when the process ended is cut off; where the file is damaged, the damaged
 * file is kept beside it and everything that can be read counts.
 * @throws HiveError
 */
export async function openJournalMetadataStore(
  options: JournalMetadataOptions,
): Promise<JournalMetadataStore> {
  const { path, sync, onWarning } = options;
  const state = emptyMetadataState();
  try {
    await rm(compactedPath(path), { force: true });
    const { records, length, damaged } = readJournal(path, (change) => {
      applyChange(state, change);
    }) ?? { records: 0, length: 0, damaged: 0 };
    if (damaged > 0) await keepDamaged(path, damaged, records, onWarning);
    const journal = openJournal({ path, sync, records, length });
    try {
      if (damaged > 0 || isOutgrown(journal, state, 1000)) await journal.compact(changesOf(state));
      await journal.settle();
    } catch (error) {
      await journal.close();
      throw error;
    }
    return serve(state, journal, options);
  } catch (error) {
    throw storageError(error, path);
  }
}

function serve(
  state: MetadataState,
  journal: Journal,
  { path, onWarning, slack = 10_000 }: JournalMetadataOptions,
): JournalMetadataStore {
  let compacting = false;
  // How many records there must be before it is worth counting what they stand for.
  let lookAgainAt = journal.records + slack;

  const compactWhenOutgrown = async (): Promise<void> => {
    compacting = true;
    try {
      if (isOutgrown(journal, state, slack)) await journal.compact(changesOf(state));
    } catch (error) {
      // Closed meanwhile.
      if (!(error instanceof Error) || error.name === "AbortError") return;
      onWarning(`Cannot shorten "${path}" for now: ${error.message}`);
    } finally {
      compacting = false;
      lookAgainAt = journal.records + slack;
    }
  };
  const metadata = createMetadataStore(state, {
    append(change) {
      journal.append(change);
      if (!compacting && journal.records > lookAgainAt) void compactWhenOutgrown();
    },
    settle: (undo) => journal.settle(undo),
  });
  return {
    ...metadata,
    namesRevision: () => state.namesRevision,
    [Symbol.asyncDispose]: () => journal.close(),
  };
}

/** Whether most records say what others have changed since. */
function isOutgrown(journal: Journal, state: MetadataState, tolerated: number): boolean {
  let needed = 0;
  for (const { manifests, blobs } of state.repositories.values()) {
    needed += manifests.size + Math.ceil(blobs.size / 100);
  }
  return journal.records > 2 * needed + tolerated;
}

async function keepDamaged(
  path: string,
  damaged: number,
  records: number,
  onWarning: (message: string) => void,
): Promise<void> {
  const kept = setAsidePath(path);
  await copyFile(path, `${kept}.part`);
  await rename(`${kept}.part`, kept);
  onWarning(
    `"${path}" is damaged: ${damaged} of ${damaged + records} lines can't be read. ` +
      `Everything else is served; the damaged file is kept as "${kept}". ` +
      "What the lines said is lost: push again what is missing.",
  );
}
