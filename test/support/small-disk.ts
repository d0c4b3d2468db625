import { run } from "./run.ts";
import { tempDirectory } from "./temp-directory.ts";

/** A file system with room for 2 MiB. Mounting takes root: without it these tests fail, for they can't be done. */
export async function smallDisk(): Promise<AsyncDisposable & { readonly path: string }> {
  const directory = await tempDirectory();
  await run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", directory.path]);
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      await run(["umount", directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}
