import { lstat, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { mapLimited } from "../base/map-limited.ts";
import { storageError } from "../base/storage-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { ignorePatterns } from "../context/ignore-patterns.ts";
import { readIgnore } from "../context/read-ignore.ts";
import { targetContext } from "../context/target-context.ts";
import type { Target } from "../plan/plan.ts";
import { groupTargets, type DirectoryJob } from "./group-targets.ts";
import { openOutput, type OutputDirectory } from "./output-directory.ts";
import { writeTree, type WrittenTree } from "./write-tree.ts";

export type GenerateOptions = {
  /** Absolute. */
  readonly output: string;
  /** What a target's `test.yml` says, if it has one. */
  readonly testOf: (target: Target) => string | undefined;
  /** Whether `targets` are all there are: then directories of others are removed. */
  readonly complete: boolean;
};

/** A directory that was written, with what is in it. */
export type GeneratedDirectory = WrittenTree & {
  /** Relative to the output directory. */
  readonly directory: string;
  readonly reference: string;
  readonly platforms: readonly string[];
};

/**
 * Writes what a build of each target would send: its context without what is ignored, the Dockerfile, and its tests. A
 * directory is put in place as a whole, once it is complete; only directories that an older run made are replaced or removed.
 * @throws HiveError
 */
export async function generate(
  targets: readonly Target[],
  options: GenerateOptions,
): Promise<GeneratedDirectory[]> {
  try {
    return await writeAll(targets, options);
  } catch (error) {
    throw storageError(error, options.output);
  }
}

async function writeAll(
  targets: readonly Target[],
  { output, testOf, complete }: GenerateOptions,
): Promise<GeneratedDirectory[]> {
  const jobs = groupTargets(targets, testOf);
  await using directory = await openOutput(output);
  const wanted = new Set(jobs.map((job) => job.directory));
  if (complete) await directory.remove([...directory.made].filter((path) => !wanted.has(path)));
  await directory.claim([...wanted]);
  const failures: unknown[] = [];
  const written = await mapLimited(jobs, 4, async (job) => {
    try {
      return [await write(job, directory)];
    } catch (error) {
      // The others end what they have begun before the directory is closed.
      failures.push(error);
      return [];
    }
  });
  if (failures.length > 0) throw failures[0];
  return written.flat();
}

async function write(job: DirectoryJob, directory: OutputDirectory): Promise<GeneratedDirectory> {
  const { target, platforms } = job;
  try {
    const written = await directory.replace(job.directory, (scratch) => fill(scratch, job));
    return { directory: job.directory, reference: target.reference, platforms, ...written };
  } catch (error) {
    const isKnown = error instanceof SyntaxError || systemErrorCode(error) !== undefined;
    if (error instanceof HiveError || !isKnown || !(error instanceof Error)) throw error;
    const message = `Cannot write the files of ${target.reference}: ${error.message}`;
    throw new HiveError("usage", message, { cause: error });
  }
}

async function fill(scratch: string, { target, test }: DirectoryJob): Promise<WrittenTree> {
  const tree = targetContext(target.context);
  const ignored = await ignorePatterns(tree, readIgnore(target.context.dockerfile));
  const written = await writeTree(tree, scratch, ignored);
  const { Dockerfile = target.dockerfile.text, ...rendered } = target.context.rendered;
  // They are there for people to read, whether a build would see them or not.
  const added = await Promise.all([
    ...Object.entries({ Dockerfile, ...rendered }).map(([name, text]) =>
      addMissing(join(scratch, name), text),
    ),
    ...(test === undefined ? [] : [addMissing(join(scratch, "test.yml"), test)]),
  ]);
  return {
    files: written.files + added.filter((bytes) => bytes !== undefined).length,
    bytes: added.reduce<number>((sum, bytes = 0) => sum + bytes, written.bytes),
  };
}

// Bytes; undefined when the file is there.
async function addMissing(path: string, text: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() === true) return undefined;
  await rm(path, { recursive: true, force: true });
  await writeFile(path, text, { flag: "wx" });
  return Buffer.byteLength(text);
}
