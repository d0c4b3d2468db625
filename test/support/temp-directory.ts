import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type TempDirectory = AsyncDisposable & {
  /** Absolute, links resolved. */
  readonly path: string;
};

/** A new empty directory that is removed with what is in it: `await using directory = await tempDirectory()`. */
export async function tempDirectory(): Promise<TempDirectory> {
  const path = await mkdtemp(join(await realpath(tmpdir()), "hive-test-"));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
