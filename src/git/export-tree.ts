import { closeSync, mkdirSync, openSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { storageError } from "../base/storage-error.ts";
import { writeAll } from "../base/write-all.ts";
import type { Repository } from "./find-repository.ts";
import { gitReason, readGit, runGit } from "./git.ts";

/** A file or a link in a commit's tree. */
type TreeFile = {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000";
  readonly id: string;
};

type ExportOptions = {
  /** Relative to the top level: what is in them is written; everything when empty. */
  readonly paths: readonly string[];
  /** Absolute, and empty. */
  readonly directory: string;
  /** Whether a file is wanted. */
  readonly wants: (path: string, size: number) => boolean;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Writes the files of a commit as git has them: no filter, no line ending is changed. Submodules are left out.
 * @throws HiveError failed when an object is missing, as in a partial clone, or the directory can't be written
 */
export async function exportTree(
  repository: Repository,
  commit: string,
  { paths, directory, wants, signal }: ExportOptions,
): Promise<void> {
  const files = await listTree(repository, commit, { paths, wants, signal });
  try {
    await writeFiles(repository, commit, files, { directory, signal });
  } catch (error) {
    throw storageError(error, directory);
  }
}

async function writeFiles(
  { git }: Repository,
  commit: string,
  files: readonly TreeFile[],
  { directory, signal }: Pick<ExportOptions, "directory" | "signal">,
): Promise<void> {
  const links: (readonly [path: string, target: string])[] = [];
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    mkdirSync(join(directory, folder), { recursive: true, mode: 0o755 });
  }
  let next = 0;
  let target: Buffer[] = [];
  let handle: number | undefined;
  const reading = createBlobs({
    begin() {
      const file = files[next];
      if (file === undefined) throw new Error("Internal error: git gave more than was asked for");
      target = [];
      const flags = "wx";
      const mode = file.mode === "100755" ? 0o755 : 0o644;
      if (file.mode !== "120000") handle = openSync(join(directory, file.path), flags, mode);
    },
    take(part) {
      if (handle === undefined) target.push(Buffer.from(part));
      else writeAll(handle, part);
    },
    end() {
      const path = files[next]?.path ?? "";
      if (handle === undefined) links.push([path, Buffer.concat(target).toString()]);
      else closeSync(handle);
      handle = undefined;
      next += 1;
    },
  });
  const input = new TextEncoder().encode(files.map(({ id }) => `${id}\n`).join(""));
  const options = { signal, input, timeout: 300_000, limit: Number.POSITIVE_INFINITY };
  try {
    const result = await readGit(git, ["cat-file", "--batch"], options, reading);
    if (result.code !== 0 || next < files.length) throw unreadable(commit, gitReason(result));
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
  // Last: a tree that has both a link and files below it can't lead us out of the directory.
  for (const [path, to] of links) symlinkSync(to, join(directory, path));
}

async function listTree(
  { git }: Repository,
  commit: string,
  { paths, wants, signal }: Pick<ExportOptions, "paths" | "wants" | "signal">,
): Promise<TreeFile[]> {
  const args = ["ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", ...paths];
  const result = await runGit(git, args, { signal, limit: 256 * 1024 * 1024 });
  if (result.code !== 0) throw unreadable(commit, gitReason(result));
  const files: TreeFile[] = [];
  for (const line of new TextDecoder().decode(result.stdout).split("\0")) {
    const entry = /^(100644|100755|120000) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line);
    if (entry === null) continue;
    const [, mode, id = "", size, path = ""] = entry;
    if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
      throw unreadable(commit, `it has a file "${path}"`);
    }
    if (wants(path, Number(size))) files.push({ path, mode: mode as TreeFile["mode"], id });
  }
  return files;
}

type BlobSink = {
  readonly begin: () => void;
  readonly take: (part: Uint8Array) => void;
  readonly end: () => void;
};

/** Takes apart what `cat-file --batch` prints: `<id> blob <size>`, the bytes, a line break, again and again. */
function createBlobs({ begin, take, end }: BlobSink): (chunk: Uint8Array) => void {
  let header = "";
  // Bytes of content that are still to come, and the line break after them.
  let left = 0;
  return (chunk) => {
    for (let rest = chunk; rest.length > 0;) {
      if (left > 0) {
        const part = rest.subarray(0, left);
        const content = part.subarray(0, Math.max(0, left - 1));
        if (content.length > 0) take(content);
        left -= part.length;
        rest = rest.subarray(part.length);
        if (left === 0) end();
        continue;
      }
      const line = rest.indexOf(0x0a);
      header += new TextDecoder().decode(line === -1 ? rest : rest.subarray(0, line));
      if (line === -1) return;
      const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(header) ?? [];
      if (size === undefined) {
        throw new HiveError("failed", `Cannot read the repository: ${header}`, {
          hint: "Where objects are missing, in a partial clone, fetch them first.",
        });
      }
      header = "";
      left = Number(size) + 1;
      rest = rest.subarray(line + 1);
      begin();
    }
  };
}

function unreadable(commit: string, reason: string): HiveError {
  return new HiveError("failed", `Cannot read commit ${commit.slice(0, 12)}: ${reason}`);
}
