import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";
import { walkTree } from "../buildkit/filesync/walk-tree.ts";
import { ignorePatterns } from "../context/ignore-patterns.ts";

/** One entry of a context, by what the file system says of it. */
export type WalkedFile = {
  readonly path: string;
  readonly type: FileEntry["type"];
  readonly mode: number;
  /** Where a link leads to; "" for all else. */
  readonly link: string;
  /** Of a file, where its bytes are. */
  readonly content: FileEntry["content"];
  /** Nanoseconds since 1970; "0" for directories, whose times change with what is in them. */
  readonly mtime: string;
  /** Equal states of one path: nobody touched it. Undefined when that can't be told yet: it changed only a moment ago. */
  readonly state: string | undefined;
};

/** Nanoseconds between two ticks of a file system's clock, at the most: of a good one, and of one that counts seconds. */
const fineTick = 20_000_000n;
const coarseTick = 2_000_000_000n;

/**
 * What a build may see of a context: everything that is not ignored, contents unread.
 * @param ignore what the ignore file of this Dockerfile alone says; it wins over the context's `.dockerignore`
 * @throws SyntaxError for an ignore pattern that can't be read.
 */
export async function walkContext(
  tree: FileTree,
  ignore: string | undefined,
): Promise<readonly WalkedFile[]> {
  const excludes = await ignorePatterns(tree, ignore);
  const fresh = BigInt(Date.now()) * 1_000_000n;
  const files: WalkedFile[] = [];
  for await (const { path, entry } of walkTree(tree, { includes: [], excludes, followPaths: [] })) {
    const { type, mode, mtime, linkname = "", content } = entry;
    files.push({
      path,
      type,
      mode: type === "symlink" ? 0o777 : mode,
      link: linkname,
      content,
      mtime: type === "directory" ? "0" : String(mtime),
      state: stateOf(entry, fresh),
    });
  }
  return files;
}

/**
 * The change time can't be set by anybody, so it tells even a write that puts size and modification time back; but not a
 * second write within the same tick of the clock.
 */
function stateOf(
  { type, size, mtime, changed, content }: FileEntry,
  now: bigint,
): string | undefined {
  if (type === "directory") return "";
  if (changed !== undefined) {
    const tick = changed % 1_000_000_000n === 0n ? coarseTick : fineTick;
    if (changed > now - tick) return undefined;
  }
  // Where the bytes are: another layer's file of the same size and time is another file.
  const where = content !== undefined && "path" in content ? content.path : "";
  return `${size} ${mtime} ${changed ?? ""} ${where}`;
}
