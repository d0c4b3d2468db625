import type { Digest } from "../oci/digest.ts";
import { lockVersion } from "../project/read-lock.ts";

/** The text of a hive.lock: a line each in a fixed order, so that two branches seldom meet in one. */
export function renderLock(pins: ReadonlyMap<string, Digest>): string {
  const lines = [...pins]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([reference, digest]) => `  ${JSON.stringify(reference)}: ${digest}`);
  return `# What the references of external images stand for in builds. Check it in; "hive lock" writes it,
# "hive lock --upgrade" takes what the registries have now.
version: ${lockVersion}
images:${lines.length === 0 ? " {}" : ""}
${lines.map((line) => `${line}\n`).join("")}`;
}
