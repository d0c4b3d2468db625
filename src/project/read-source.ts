import type { Dirent } from "node:fs";
import { realpath, stat } from "node:fs/promises";
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

/**
 * The file at absolute `path`, or undefined after a finding: too large, not UTF-8, or outside of the project.
 * @param entry what its directory says of it, where the directory was read and is in the project: saves questions.
 */
export async function readSource(
  path: string,
  { root, inside, report }: ProjectFiles,
  entry?: Dirent,
): Promise<SourceText | undefined> {
  const file = relative(root, path);
  const fail = (reason: string, help?: string): undefined => {
    const message = `Cannot read "${file}": ${reason}`;
    report(fileFinding(file, { code: "HV1007", message, help }));
  };
  try {
    if (!(entry?.isFile() ?? false)) {
      const real = await realpath(path);
      if (!isInside(real, inside)) {
        report(escapeFinding(file));
        return undefined;
      }
      // Reading a pipe would wait for its writer, and opening a device may have an effect.
      if (!(await stat(real)).isFile()) {
        return fail("it is not a regular file", "put a file in its place");
      }
    }
    const bytes = await Bun.file(path)
      .slice(0, largestFile + 1)
      .bytes();
    if (bytes.length > largestFile) {
      return fail(`it has more than ${largestFile} bytes, which is the limit`);
    }
    return createSourceText(file, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return fail("it is not UTF-8 text", "save it as UTF-8");
    const { code, message } = error as NodeJS.ErrnoException;
    return fail(reasons[code ?? ""] ?? message);
  }
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
