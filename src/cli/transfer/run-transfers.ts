import { exitCodeOf, HiveError } from "../../base/hive-error.ts";
import type { ImageTransfer } from "../../distribute/transfer/image-transfer.ts";
import { transferImages } from "../../distribute/transfer/transfer-images.ts";
import { requestedMode, resolveMode } from "../../progress/display-mode.ts";
import type { TransferAction } from "../../progress/transfer/transfer-event.ts";
import type { App } from "../app.ts";
import { numberOf } from "../arguments.ts";
import { openTransferRun } from "../open-transfer-run.ts";
import { printError } from "../print-error.ts";
import { printJson } from "../print-json.ts";
import { printTransfers } from "./print-transfers.ts";
import type { TransferFlags } from "./transfer-flags.ts";
import { transferRow } from "./transfer-row.ts";

/**
 * How much later than usual code is compiled for speed. Most of a transfer is waiting for others, and of a hundred images it
 * is over before that has paid: it took a quarter of the CPU time. What is really hot is compiled all the same.
 */
const compileLater = 30;

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
  Bun.unsafe.setJITPolicy(compileLater);
  const parallel = numberOf("parallel", flags.parallel, 1);
  const mode = resolveMode(requestedMode(flags.progress, app.env), app.stderr, app.env);
  const dryRun = flags["dry-run"] === true;
  // A display tells of what moves: in a dry run nothing does.
  const shown = dryRun && mode !== "rawjson" ? "none" : mode;
  using run = openTransferRun(app, shown, action);
  const { emit } = run;
  let results: Awaited<ReturnType<typeof transferImages>> = [];
  let ok = false;
  try {
    results = await transferImages(transfers, { parallel, dryRun, emit, signal: app.signal });
    ok = !results.some((result) => result instanceof Error);
  } finally {
    run.end(ok);
  }
  const rows = transfers.flatMap((transfer, position) => {
    const result = results[position];
    return result === undefined ? [] : [transferRow(transfer, result)];
  });
  if (flags.json === true) printJson(app.stdout, rows);
  else if (mode === "quiet") {
    for (const { name, digest } of rows) {
      if (digest !== undefined) app.stdout.write(`${name}@${digest}\n`);
    }
  } else printTransfers(app, rows, { action, dryRun });
  const failures = results.filter((result) => result instanceof Error);
  if (shown === "none") for (const failure of failures) printError(failure, app);
  const [failure] = failures;
  if (failure === undefined) return 0;
  return exitCodeOf(failure instanceof HiveError ? failure.kind : "internal");
}
