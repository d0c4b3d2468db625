import { targetContext } from "../context/target-context.ts";
import type { ContextSources } from "../plan/plan.ts";
import type { FileEntry, FileTree } from "../buildkit/file-tree.ts";

/** The state of a tree's files: two equal fingerprints mean that no file was touched between them. */
export type ContextFingerprint = {
  /** Hexadecimal. */
  readonly digest: string;
  /** Nanoseconds since 1970 when the file that changed last did. */
  readonly newest: bigint;
};

/**
 * Fingerprints a tree by what the file system says of each file, contents unread: path, type, mode, size, times and link target.
 * The change time can't be set by anybody, so it tells even a write that puts size and modification time back.
 */
export async function contextFingerprint(tree: FileTree): Promise<ContextFingerprint> {
  const hasher = new Bun.CryptoHasher("sha256");
  let newest = 0n;
  const pending = [""];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const entries = (await tree.list(path)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const full = path === "" ? entry.name : `${path}/${entry.name}`;
      hasher.update(JSON.stringify(fieldsOf(full, entry)));
      if (entry.changed !== undefined && entry.changed > newest) newest = entry.changed;
      if (entry.type === "directory") pending.push(full);
    }
  }
  return { digest: hasher.digest("hex"), newest };
}

/** Fingerprints contexts, each once: the tags and platforms of an image share theirs. */
export function createFingerprints(): (sources: ContextSources) => Promise<ContextFingerprint> {
  const known = new Map<string, Promise<ContextFingerprint>>();
  return (sources) => {
    const key = JSON.stringify(sources);
    const fingerprint = known.get(key) ?? contextFingerprint(targetContext(sources));
    known.set(key, fingerprint);
    return fingerprint;
  };
}

function fieldsOf(path: string, entry: FileEntry): readonly string[] {
  const { type, mode, size, mtime, changed, linkname = "", content } = entry;
  // Where the bytes are: another layer's file of the same size and time is another file.
  const where = content !== undefined && "path" in content ? content.path : "";
  // A directory's times and size change with what is in it, which is listed on its own.
  const state = type === "directory" ? [] : [String(size), String(mtime), String(changed), where];
  return [path, type, String(mode), linkname, ...state];
}
