import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentOwner, isOwnerAlive, parseOwner } from "../../oci/run-owner.ts";

/**
 * Makes `<name>-<process>.<random>` in the system's temporary directory; disposing removes it. What killed processes
 * left under such a name is removed, too, as far as it is ours.
 */
export async function temporaryDirectory(
  name: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const parent = tmpdir();
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(`${name}-`)) continue;
    const owner = parseOwner(entry.slice(name.length + 1, entry.lastIndexOf(".")));
    const path = join(parent, entry);
    if (owner === undefined || isOwnerAlive(owner, path)) continue;
    // Another user's can't be removed, and need not.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
  const path = await mkdtemp(join(parent, `${name}-${currentOwner()}.`));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
