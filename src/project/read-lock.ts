import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { diagnosticAt } from "../base/source-text.ts";
import { isMissingFile } from "../base/system-error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { readSource, type ProjectFiles } from "./read-source.ts";
import { readYaml } from "./yaml/read-yaml.ts";
import type { TextRange } from "./yaml/yaml-node.ts";

/** Lies beside hive.yml: what the references of external images stand for. `hive lock` writes it. */
export const lockFileName = "hive.lock";

/** The version of the format that this hive writes. */
export const lockVersion = "1";

/** What hive.lock says, reference -> digest; undefined when there is none, or after a finding. */
export async function readLock(
  files: ProjectFiles,
): Promise<ReadonlyMap<string, Digest> | undefined> {
  const path = join(files.root, lockFileName);
  const isThere = await lstat(path).catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw error;
  });
  if (isThere === undefined) return undefined;
  const source = await readSource(path, files);
  if (source === undefined) return undefined;
  const fail = (range: TextRange, message: string): void => {
    const help = `mend it, or delete the file and run "hive lock"`;
    files.report(diagnosticAt(source, range, { code: "HV1040", severity: "error", message, help }));
  };
  const node = await readYaml(source, (finding) =>
    files.report({
      ...finding,
      help: `resolve a merge conflict, or delete it and run "hive lock"`,
    }),
  );
  if (node === undefined) return undefined;
  if (node.kind !== "map") {
    fail(node.range, `Cannot read ${lockFileName}: expected a map`);
    return undefined;
  }
  const version = node.entries.get("version")?.value;
  if (version?.kind !== "text" || version.value !== lockVersion) {
    const range = version?.range ?? node.range;
    fail(range, `Cannot read ${lockFileName}: expected "version: ${lockVersion}"`);
    return undefined;
  }
  const pins = new Map<string, Digest>();
  const images = node.entries.get("images")?.value;
  if (images !== undefined && images.kind !== "map" && images.kind !== "null") {
    fail(images.range, `Cannot read "images": expected a map of references and digests`);
  }
  for (const [reference, { value }] of images?.kind === "map" ? images.entries : []) {
    if (value.kind === "text" && isDigest(value.value)) pins.set(reference, value.value);
    else
      fail(value.range, `Cannot read the pin of "${reference}": expected sha256:<64 hex digits>`);
  }
  for (const [key, entry] of node.entries) {
    if (key !== "version" && key !== "images") fail(entry.key, `Unknown key "${key}"`);
  }
  return pins;
}
