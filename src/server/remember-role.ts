import { join } from "node:path";
import { isRecord } from "../base/is-record.ts";
import { readOptionalText } from "../base/read-optional-text.ts";
import { storageError } from "../base/storage-error.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import type { RegistryRole } from "./server-settings.ts";

/**
 * Notes in a storage which role it is served in, and says when it was another one the last time: a forgotten flag takes the rules
 * away that content was kept by.
 * @throws HiveError when it can't be written.
 */
export async function rememberRole(
  storage: string,
  role: RegistryRole,
  onWarning: (text: string) => void,
): Promise<void> {
  const path = join(storage, "role");
  const before = roleIn(await readOptionalText(path));
  if (before === role || (before === undefined && role === "sandbox")) return;
  if (before !== undefined) {
    onWarning(`"${storage}" had the role ${before} before, and is started as ${role} now`);
  }
  try {
    await writeFileAtomically(path, `${JSON.stringify({ role })}\n`);
  } catch (error) {
    throw storageError(error, storage);
  }
}

function roleIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    const role = isRecord(document) ? document["role"] : undefined;
    // It is printed.
    return typeof role === "string" && /^[a-z]{1,20}$/.test(role) ? role : undefined;
  } catch {
    return undefined;
  }
}
