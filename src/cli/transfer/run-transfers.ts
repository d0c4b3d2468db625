import { exitCodeOf, HiveError } from "../../base/hive-error.ts";
import type { ImageTransfer } from "../../distribute/transfer/image-transfer.ts";
import { transferImages } from "../../distribute/transfer/transfer-images.ts";
import { requestedMode, resolveMode } from "../../progress/display-mode.ts";
import type { TransferAction } from "../../progress/transfer/transfer-event.ts";
import type { App } from "../app.ts";
import { numberOf } from "../arguments.ts";
import { openTransferRun } from "../open-transfer-run.ts";
import { printJson } from "../print-json.ts";
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
  const parallel = numberOf("parallel", flags.parallel, 1);
  const mode = resolveMode(requestedMode(flags.progress, app.env), app.stderr, app.env);
  const dryRun = flags["dry-run"] === true;
  using run = openTransferRun(app, mode, action);
  const { emit } = run;
  let results: Awaited<ReturnType<typeof transferImages>> = [];
  let ok = false;
  try {
    results = await transferImages(transfers, { parallel, dryRun, emit, signal: app.signal });
    ok = !results.some((result) => result instanceof Error);
  } finally {
    run.end(ok);
  }
  const rows = results.map((result, position) => transferRow(transfers[position], result));
  if (flags.json === true) printJson(app.stdout, rows);
  else if (mode === "quiet") {
    for (const { name, digest } of rows) {
      if (digest !== undefined) app.stdout.write(`${name}@${digest}\n`);
    }
  } else printTransfers(app, rows, { action, dryRun });
  const failure = results.find((result) => result instanceof Error);
  if (failure === undefined) return 0;
  return exitCodeOf(failure instanceof HiveError ? failure.kind : "internal");
}
