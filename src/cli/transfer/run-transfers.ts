import { errorKind, exitCodeOf } from "../../base/hive-error.ts";
import type { ImageTransfer } from "../../distribute/transfer/image-transfer.ts";
import type { TransferAction } from "../../progress/transfer/transfer-event.ts";
import type { App } from "../app.ts";
import { printError } from "../print-error.ts";
import { printJson } from "../print-json.ts";
import { doTransfers } from "./do-transfers.ts";
import { printTransfers } from "./print-transfers.ts";
import type { TransferFlags } from "./transfer-flags.ts";
import { transferRow } from "./transfer-row.ts";

/**
 * Brings images where they should be, shows how it goes, and prints what was done.
 * @returns the exit code: that of the first failure
 * @throws HiveError "usage" for flags that are none
 */
export async function runTransfers(
  app: App,
  flags: TransferFlags,
  action: TransferAction,
  transfers: readonly ImageTransfer[],
): Promise<number> {
  const { results, mode, shown } = await doTransfers(app, flags, action, transfers);
  const rows = transfers.flatMap((transfer, position) => {
    const result = results[position];
    return result === undefined ? [] : [transferRow(transfer, result)];
  });
  if (flags.json === true) printJson(app.stdout, rows);
  else if (mode === "quiet") {
    for (const { name, digest } of rows) {
      if (digest !== undefined) app.stdout.write(`${name}@${digest}\n`);
    }
  } else printTransfers(app, rows, { action, dryRun: flags["dry-run"] === true });
  const failures = results.filter((result) => result instanceof Error);
  if (shown === "none") for (const failure of failures) printError(failure, app);
  const [failure] = failures;
  return failure === undefined ? 0 : exitCodeOf(errorKind(failure));
}
