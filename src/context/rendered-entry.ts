import { stat } from "node:fs/promises";
import type { FileEntry } from "../buildkit/file-tree.ts";

const second = 1_000_000_000n;

/**
 * The entry for a file that was made of text in memory. The daemon takes files of equal size and time for unchanged, so
 * the time is the second in which `beside`, the file on disk that it belongs to, was changed, with a fraction that comes
 * from the content: another text has another time, the same text always the same one.
 */
export async function renderedEntry(
  name: string,
  text: string,
  beside: string,
): Promise<FileEntry> {
  const bytes = new TextEncoder().encode(text);
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest().readBigUInt64BE();
  const found = await stat(beside, { bigint: true }).catch(() => undefined);
  const seconds = (found?.mtimeNs ?? 0n) / second;
  const mtime = seconds * second + (hash % second);
  return { name, type: "file", mode: 0o644, size: bytes.length, mtime, content: { bytes } };
}
