import { run } from "./run.ts";
import { tempDirectory } from "./temp-directory.ts";

export type SmallDisk = AsyncDisposable & {
  readonly path: string;
  /** Makes it larger, or smaller. */
  resize(mebibytes: number): Promise<void>;
};

/** A file system with little room. Mounting takes root: without it these tests fail, for they can't be done. */
export async function smallDisk(mebibytes = 2): Promise<SmallDisk> {
  const directory = await tempDirectory();
  await run(["mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "none", directory.path]);
  return {
    path: directory.path,
    async resize(size) {
      await run(["mount", "-o", `remount,size=${size}m`, directory.path]);
    },
    async [Symbol.asyncDispose]() {
      await run(["umount", directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}
