import { readFile, realpath, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Environment } from "../base/environment.ts";
import { findRepository, type Repository } from "./find-repository.ts";
import { type Commit, isCommit, type LastCommits, lastCommits } from "./last-commits.ts";
import { sourceUrl } from "./source-url.ts";

/** What git tells of a project. */
export type History = {
  /** The last commit that touched each directory that was asked about, as it was asked; without those that git does not have. */
  readonly directories: ReadonlyMap<string, Commit>;
  /** The last commit that touched the project. */
  readonly project?: Commit;
  /** Where the repository comes from. */
  readonly source?: string;
  /** Whether a shallow clone hides when some of the directories changed last. */
  readonly cut: boolean;
};

type HistoryOptions = {
  readonly environment: Environment;
  readonly signal?: AbortSignal;
  /** Keeps what was found, until HEAD moves: a file, and a directory for it while it is written. Where they can't be, nothing is kept. */
  readonly memory?: { readonly file: string; readonly scratch: string };
};

/** What is kept of a history: it holds for one HEAD, one project in it, and directories asked about. */
type Memory = {
  readonly version: 1;
  readonly head: string;
  readonly prefix: string;
  readonly asked: readonly string[];
  readonly directories: readonly (readonly [string, Commit])[];
  readonly any?: Commit;
};

/**
 * Reads when the directories of a project were changed last. Undefined when it is in no repository, or git is not there.
 * @param root absolute path of the project
 * @param directories absolute paths
 * @throws HiveError "failed" when git refuses to tell
 */
export async function readHistory(
  root: string,
  directories: readonly string[],
  { environment, signal, memory }: HistoryOptions,
): Promise<History | undefined> {
  const [repository, text] = await Promise.all([
    findRepository(root, environment, signal),
    memory === undefined ? "" : readFile(memory.file, "utf8").catch(() => ""),
  ]);
  if (repository === undefined) return undefined;
  const paths = await pathsIn(repository, directories);
  const asked = [...new Set(paths.values())].toSorted();
  const recalled = recall(text, repository, asked);
  const [source, commits] = await Promise.all([
    sourceUrl(repository, signal),
    recalled ?? lastCommits(repository, asked, signal),
  ]);
  if (memory !== undefined && recalled === undefined && !commits.cut) {
    await remember(memory, { head: repository.head, prefix: repository.prefix, asked, commits });
  }
  const found = [...paths].flatMap(([directory, path]) => {
    const commit = commits.directories.get(path);
    return commit === undefined ? [] : [[directory, commit] as const];
  });
  return {
    directories: new Map(found),
    ...(commits.any === undefined ? {} : { project: commits.any }),
    ...(source === undefined ? {} : { source }),
    cut: commits.cut,
  };
}

/** Git knows real paths, from the top level on; what lies outside is not in it. */
async function pathsIn(
  { topLevel }: Repository,
  directories: readonly string[],
): Promise<Map<string, string>> {
  const real = await Promise.all(
    directories.map(async (directory) => {
      return [directory, await realpath(directory).catch(() => directory)] as const;
    }),
  );
  return new Map(
    real
      .map(([directory, path]) => [directory, relative(topLevel, path)] as const)
      .filter(([, path]) => path !== ".." && !path.startsWith("../")),
  );
}

function recall(
  text: string,
  repository: Repository,
  asked: readonly string[],
): LastCommits | undefined {
  if (text === "") return undefined;
  try {
    const memory = JSON.parse(text) as Memory;
    const { version, head, prefix, any } = memory;
    if (version !== 1 || head !== repository.head || prefix !== repository.prefix) return undefined;
    if (JSON.stringify(memory.asked) !== JSON.stringify(asked)) return undefined;
    const directories = new Map(memory.directories);
    const commits = [...directories.values(), ...(any === undefined ? [] : [any])];
    if (!commits.every(isCommit)) return undefined;
    return { directories, ...(any === undefined ? {} : { any }), cut: false };
  } catch {
    // Whatever is in there: it is only a memory.
    return undefined;
  }
}

async function remember(
  { file, scratch }: { readonly file: string; readonly scratch: string },
  {
    commits,
    ...key
  }: Pick<Memory, "head" | "prefix" | "asked"> & { readonly commits: LastCommits },
): Promise<void> {
  const { any } = commits;
  const directories = [...commits.directories];
  const memory: Memory = {
    version: 1,
    ...key,
    directories,
    ...(any === undefined ? {} : { any }),
  };
  const temporary = join(scratch, crypto.randomUUID());
  try {
    await writeFile(temporary, JSON.stringify(memory));
    await rename(temporary, file);
  } catch {
    // Nothing was built here yet, or it can't be written: it is found out again.
  }
}
