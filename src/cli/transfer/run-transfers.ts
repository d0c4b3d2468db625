import { exitCodeOf, HiveError } from "../../base/hive-error.ts";
import type { ImageTransfer } from "../../distribute/transfer/image-transfer.ts";
import type { TransferAction } from "../../progress/transfer/transfer-event.ts";
import type { App } from "../app.ts";
import { printJson } from "../print-json.ts";
import { doTransfers } from "./do-transfers.ts";
import { renderTransfers } from "./render-transfers.ts";
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
  const { results, mode } = await doTransfers(app, flags, action, transfers);
  const rows = results.map((result, position) => transferRow(transfers[position], result));
  if (flags.json === true) printJson(app.stdout, rows);
  else if (mode === "quiet") {
    for (const { name, digest } of rows) {
      if (digest !== undefined) app.stdout.write(`${name}@${digest}\n`);
    }
  } else {
    const dryRun = flags["dry-run"] === true;
    app.stdout.write(renderTransfers(app.stdout, rows, { action, dryRun }));
  }
  const failure = results.find((result) => result instanceof Error);
  if (failure === undefined) return 0;
  return exitCodeOf(failure instanceof HiveError ? failure.kind : "internal");
}
