import { constants, open, realpath, stat, type FileHandle } from "node:fs/promises";
import { relative } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { createSourceText, type SourceText } from "../base/source-text.ts";

/** What reading a project's files needs: where they may be, and where findings go. */
export type ProjectFiles = {
  readonly root: string;
  /** Real paths of the directories that files may be in: the project's, and where `images` leads to. */
  readonly inside: readonly string[];
  readonly report: (finding: Diagnostic) => void;
  /** Whether unknown keys are warnings. */
  readonly lenient: boolean;
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it leads nowhere",
  ELOOP: "it is a symlink that leads to itself",
  EACCES: "permission denied",
};

/** No hand-written file comes near. */
const largestFile = 1024 * 1024;

/** The file at absolute `path`, or undefined after a finding: too large, not UTF-8, or outside of the project. */
export async function readSource(
  path: string,
  { root, inside, report }: ProjectFiles,
): Promise<SourceText | undefined> {
  const file = relative(root, path);
  const fail = (message: string): undefined => {
    report(fileFinding(file, { code: "HV1007", message: `Cannot read "${file}": ${message}` }));
  };
  try {
    const real = await realpath(path);
    if (!isInside(real, inside)) {
      report(escapeFinding(file));
      return undefined;
    }
    // Opening a device may have an effect, and opening a pipe would wait for its writer.
    if (!(await stat(real)).isFile()) return fail("it is not a regular file");
    await using handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) return fail("it is not a regular file");
    if (stats.size > largestFile) {
      return fail(`it has ${stats.size} bytes, the limit is ${largestFile}`);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      await readBytes(handle, stats.size),
    );
    return createSourceText(file, text);
  } catch (error) {
    if (error instanceof TypeError) return fail("it is not UTF-8 text");
    const { code, message } = error as NodeJS.ErrnoException;
    return fail(reasons[code ?? ""] ?? message);
  }
}

// No more than that, though somebody may be writing to it.
async function readBytes(handle: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** Whether real path `real` is one of the directories, or below one. */
export function isInside(real: string, directories: readonly string[]): boolean {
  return directories.some((directory) => real === directory || real.startsWith(`${directory}/`));
}

/** A finding about a file as a whole. */
export function fileFinding(
  file: string,
  finding: Omit<Diagnostic, "place" | "severity"> & { readonly severity?: Diagnostic["severity"] },
): Diagnostic {
  return { severity: "error", ...finding, place: { file, line: 1, column: 1 } };
}

/** `file` is a symlink that leads out of the project. */
export function escapeFinding(file: string): Diagnostic {
  return fileFinding(file, {
    code: "HV1018",
    message: `Cannot use "${file}": it is a symlink that leads out of the project`,
    help: "copy what it points to into the project",
  });
}
