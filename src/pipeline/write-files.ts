import { mkdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { readOptionalText } from "../base/read-optional-text.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import { isInside } from "../project/read-source.ts";

export type PipelineFile = { readonly path: string; readonly text: string };

export type WrittenFile = {
  /** As it was given. */
  readonly path: string;
  readonly change: "new" | "changed" | "same";
};

/**
 * Writes files below a directory, or only compares them. Nothing is written when one of them may not be.
 * @param mayReplace says of what is there, and differs, whether it is hive's own
 * @throws HiveError "usage" for a file that may not be replaced, or that a link of the directory leads out of it
 */
export async function writeFiles(
  directory: string,
  files: readonly PipelineFile[],
  {
    check,
    mayReplace,
  }: { readonly check: boolean; readonly mayReplace: (text: string) => boolean },
): Promise<WrittenFile[]> {
  const changes = await Promise.all(
    files.map(async ({ path, text }) => {
      await requireInside(directory, path);
      const there = await readOptionalText(join(directory, path));
      const change = there === undefined ? "new" : there === text ? "same" : "changed";
      if (!check && change === "changed" && !mayReplace(there ?? "")) throw notOurs(path);
      return change;
    }),
  );
  const written = files.map(({ path }, index) => ({ path, change: changes[index] ?? "same" }));
  if (check) return written;
  for (const [index, { path, text }] of files.entries()) {
    if (changes[index] === "same") continue;
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFileAtomically(target, text);
  }
  return written;
}

/** Whoever made the repository must not choose what is written elsewhere on the machine of who cloned it. */
async function requireInside(directory: string, path: string): Promise<void> {
  const root = await realpath(directory).catch(() => undefined);
  if (root === undefined) return;
  let real: string | undefined;
  // What is yet to be made is where the first is that is there.
  for (let at = join(directory, path); real === undefined; at = dirname(at)) {
    real = await realpath(at).catch(() => undefined);
  }
  if (isInside(real, [root])) return;
  throw new HiveError("usage", `Cannot write "${path}": a symlink leads out of "${directory}"`, {
    hint: "Remove the symlink.",
  });
}

function notOurs(path: string): HiveError {
  return new HiveError(
    "usage",
    `Cannot write "${path}": hive did not write the one that is there`,
    {
      hint: "Move it away, or replace it with --force.",
    },
  );
}
