import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HiveResult } from "./run-hive.ts";

/**
 * Where a secret is that should be nowhere: in what a run printed, in a file below `directory`, as it is or in base64.
 * @param allowed Paths from there that hold it rightly.
 */
export async function leaks(
  secret: string,
  results: readonly HiveResult[],
  { directory, allowed = [] }: { readonly directory: string; readonly allowed?: readonly string[] },
): Promise<string[]> {
  const forms = [secret, ...inBase64(secret)];
  const has = (text: string): boolean => forms.some((form) => text.includes(form));
  const printed = results.flatMap(({ stdout, stderr }) => [stdout, stderr]).filter(has);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(path, "latin1") })),
  );
  const kept = texts
    .filter(({ text }) => has(text))
    .map(({ path }) => path.slice(directory.length + 1));
  return [...printed, ...kept.filter((path) => !allowed.includes(path))];
}

/** What base64 makes of it, at whatever place in a text it begins; without the ends, which depend on what is beside it. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.from(`${"x".repeat(offset)}${secret}`).toString("base64");
    return text.slice(4, -4);
  });
}
