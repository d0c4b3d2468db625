import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { readOptionalText } from "../../base/read-optional-text.ts";
import { writeFileAtomically } from "../../oci/atomic-file.ts";

/** What the files of a store mean. A change that an older hive would misread takes the next number. */
const current = 1;

/**
 * Reads `format` of a store, written when it is not there. An older number would be brought up to date here; there is
 * none yet.
 * @throws HiveError when the store is of a newer hive, or of none.
 */
export async function checkStoreFormat(directory: string): Promise<void> {
  const path = join(directory, "format");
  const text = await readOptionalText(path);
  if (text === undefined) {
    return await writeFileAtomically(path, `${JSON.stringify({ format: current })}\n`);
  }
  const [, number] = /^\s*\{\s*"format"\s*:\s*(\d{1,9})\s*\}\s*$/.exec(text) ?? [];
  if (number === undefined || Number(number) < 1) {
    throw new HiveError("failed", `Cannot use the store "${directory}": "${path}" has no number`, {
      hint: `Restore the file from a backup, or write {"format":${current}} to it if this hive made the store.`,
    });
  }
  if (Number(number) > current) {
    throw new HiveError(
      "failed",
      `Cannot use the store "${directory}": it has format ${number}, and this hive knows ${current}`,
      { hint: "A newer hive made it: upgrade hive, or use another directory." },
    );
  }
}
