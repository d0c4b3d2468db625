import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new directory that goes with its scope. */
export function createTempDir(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "hive-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
