import { HiveError } from "../base/hive-error.ts";
import type { Repository } from "./find-repository.ts";
import { gitReason, readGit, runGit } from "./git.ts";

/** A commit of the history of HEAD. */
export type Commit = {
  /** Hexadecimal. */
  readonly id: string;
  /** When it was committed, seconds since 1970. */
  readonly time: number;
  /** How many commits of HEAD's first-parent history come after it. */
  readonly age: number;
};

/** Of the year 9999. A commit may name any second; later ones have no RFC 3339. */
const lastSecond = 253_402_300_799;

/** Whether this is a commit as it is kept. */
export function isCommit(value: unknown): value is Commit {
  if (typeof value !== "object" || value === null) return false;
  const { id, time, age }: Partial<Record<keyof Commit, unknown>> = value;
  const isHex = typeof id === "string" && /^[0-9a-f]{40,64}$/.test(id);
  const isTime = Number.isSafeInteger(time) && Number(time) >= 0 && Number(time) <= lastSecond;
  return isHex && isTime && Number.isSafeInteger(age);
}

export type LastCommits = {
  /** The commit that changed something in a directory last; directories that HEAD does not have are not in it. */
  readonly directories: ReadonlyMap<string, Commit>;
  /** The last commit that changed anything asked about, or below the repository's `prefix`. */
  readonly any?: Commit;
  /** Whether a directory was not touched before history broke off, as it does in a shallow clone. */
  readonly cut: boolean;
};

/**
 * Finds the last commit that touched each directory, with one walk of HEAD's history that ends once all are found. A merge
 * counts for what it changed on its first parent, so it tells when work arrived, not when it was made. A path counts for
 * the innermost of the directories; a submodule for all that are in it.
 * @param directories relative to the top level, without a trailing `/`
 * @throws HiveError "failed"
 */
export async function lastCommits(
  repository: Repository,
  directories: readonly string[],
  signal?: AbortSignal,
): Promise<LastCommits> {
  const wanted = await inHead(repository, directories, signal);
  const project = repository.prefix.replace(/\/$/, "");
  // Paths are meant from where git runs.
  const git = { ...repository.git, directory: repository.topLevel };
  const found = new Map<string, Commit>();
  const above = directoriesBelow(wanted);
  let current: Commit | undefined;
  let any: Commit | undefined;
  let isRoot = false;
  let cut = false;

  const touch = (directory: string): void => {
    if (current === undefined || !wanted.has(directory) || found.has(directory)) return;
    found.set(directory, current);
    cut ||= isRoot && repository.shallow;
  };
  const reading = createTokens((token) => {
    const commit = /^\/([0-9a-f]+) (\d+)(.*)$/s.exec(token);
    if (commit !== null) {
      const [, id = "", time, parents = ""] = commit;
      // Every commit is listed, but one that touches nothing asked about has no paths.
      const age = current === undefined ? 0 : current.age + 1;
      current = { id, time: Math.min(Number(time), lastSecond), age };
      isRoot = parents.trim() === "";
    } else if (token !== "") {
      if (any === undefined) {
        any = current;
        cut = isRoot && repository.shallow;
      }
      const innermost = innermostOf(token, wanted);
      if (innermost !== undefined) touch(innermost);
      for (const directory of above.get(token) ?? []) touch(directory);
    }
    return any !== undefined && found.size === wanted.size;
  });
  const paths = [...new Set([project, ...wanted])].filter((path) => path !== "");
  const result = await readGit(
    git,
    [...walk, repository.head, "--", ...(project === "" ? [] : paths)],
    { signal, timeout: 60_000, limit: Number.POSITIVE_INFINITY },
    reading,
  );
  if (result.code !== 0) {
    throw new HiveError("failed", `Cannot read the git history: ${gitReason(result)}`);
  }
  return { directories: found, ...(any === undefined ? {} : { any }), cut };
}

/** Each option that could be set in a config and changes the format, or runs something, is said. */
const walk = [
  "log",
  "-z",
  "--first-parent",
  "-m",
  "--root",
  "--name-only",
  "--no-renames",
  "--no-relative",
  "--no-ext-diff",
  "--no-textconv",
  "--no-show-signature",
  "--no-decorate",
  "--no-color",
  "--no-notes",
  "--no-mailmap",
  "--no-follow",
  "--ignore-submodules=none",
  "-O/dev/null",
  // No path begins with a slash.
  "--format=/%H %ct %P",
  "--end-of-options",
];

/** Takes a stream of tokens that end with NUL apart. */
function createTokens(take: (token: string) => boolean): (chunk: Uint8Array) => boolean {
  const decoder = new TextDecoder();
  let rest = "";
  return (chunk) => {
    const tokens = (rest + decoder.decode(chunk, { stream: true })).split("\0");
    rest = tokens.pop() ?? "";
    // A line break stands between a commit and its paths.
    return tokens.some((token) => take(token.replace(/^\n/, "")));
  };
}

/** The directories that HEAD has, be it in a submodule: a walk for others would go through all of history. */
async function inHead(
  repository: Repository,
  directories: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  // Of two paths, one inside the other, ls-tree shows only what is in them.
  const outermost = directories.filter((path) =>
    ancestorsOf(path).every((parent) => !directories.includes(parent)),
  );
  const trees = await entriesOf(repository, ["-r", "-d"], outermost, signal);
  const found = new Set(directories.filter((path) => path === "" || trees.has(path)));
  const missing = directories.filter((path) => !found.has(path));
  const parents = [...new Set(missing.flatMap(ancestorsOf))];
  const above = await entriesOf(repository, [], parents, signal);
  for (const path of missing) {
    if (ancestorsOf(path).some((parent) => above.get(parent) === "commit")) found.add(path);
  }
  return found;
}

/** What there is at paths in HEAD, by path: `tree`, or `commit` for a submodule. */
async function entriesOf(
  { git, head }: Repository,
  options: readonly string[],
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const args = ["ls-tree", "-z", "--full-tree", ...options, head, "--", ...paths];
  const result = await runGit(git, args, { signal });
  if (result.code !== 0) {
    throw new HiveError("failed", `Cannot read the git history: ${gitReason(result)}`);
  }
  const entries = new Map<string, string>();
  for (const line of new TextDecoder().decode(result.stdout).split("\0")) {
    const [, type = "", path = ""] = /^\d+ (\w+) [0-9a-f]+\t(.*)$/s.exec(line) ?? [];
    entries.set(path, type);
  }
  return entries;
}

/** Which directories lie below each of their ancestors: what stands there in the tree is a submodule, or was a link. */
function directoriesBelow(directories: ReadonlySet<string>): Map<string, string[]> {
  const below = new Map<string, string[]>();
  for (const directory of directories) {
    for (const ancestor of ancestorsOf(directory)) {
      below.set(ancestor, [...(below.get(ancestor) ?? []), directory]);
    }
  }
  return below;
}

function innermostOf(path: string, directories: ReadonlySet<string>): string | undefined {
  return [path, ...ancestorsOf(path), ""].find((candidate) => directories.has(candidate));
}

/** The nearest first; the top level is not among them. */
function ancestorsOf(path: string): string[] {
  const ancestors: string[] = [];
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    ancestors.push(path.slice(0, slash));
  }
  return ancestors;
}
