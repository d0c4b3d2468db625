import { readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Digest, isDigest } from "../oci/digest.ts";

/** What was found out about a context: its files' contents, and the state in which they had them. */
export type ContextMemory = {
  /** Of all files; undefined when one of them had changed only a moment before. */
  readonly state: string | undefined;
  readonly digest: Digest;
  readonly files: readonly RememberedFile[];
};

type RememberedFile = {
  readonly path: string;
  readonly state: string | undefined;
  /** Its line of the listing. */
  readonly line: string;
  /** Hexadecimal digest of a file's bytes. */
  readonly content: string;
};

/** The head of a memory alone: what a run that changes nothing needs. */
export type MemoryHead = Pick<ContextMemory, "state" | "digest"> & {
  /** Parses the rest. */
  readonly files: () => readonly RememberedFile[];
};

const version = 1;

/** The memory in the file at `path`; undefined when there is none, or it is damaged. */
export function readMemory(path: string): MemoryHead | undefined {
  try {
    // In one go: to wait for a small file takes longer than to read it.
    const text = readFileSync(path, "utf8");
    const end = text.indexOf("\n");
    const head = JSON.parse(text.slice(0, end)) as Record<string, unknown>;
    const { digest, state } = head;
    const rest = text.slice(end + 1);
    if (head["version"] !== version || head["check"] !== checkOf(rest)) return undefined;
    if (typeof digest !== "string" || !isDigest(digest)) return undefined;
    return {
      digest,
      state: typeof state === "string" ? state : undefined,
      files: () => JSON.parse(rest) as readonly RememberedFile[],
    };
  } catch {
    return undefined;
  }
}

/** Writes by rename. What it says can be found out again, so it need not survive a power cut: damage is noticed. */
export async function writeMemory(path: string, memory: ContextMemory): Promise<void> {
  const { files, ...head } = memory;
  const rest = JSON.stringify(files);
  const text = `${JSON.stringify({ version, check: checkOf(rest), ...head })}\n${rest}`;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

function checkOf(text: string): string {
  return Bun.hash(text).toString(16);
}
