import type { ImageTransfer, TransferResult } from "../../distribute/transfer/image-transfer.ts";
import { transferImages } from "../../distribute/transfer/transfer-images.ts";
import { type DisplayMode, requestedMode, resolveMode } from "../../progress/display-mode.ts";
import type { TransferAction } from "../../progress/transfer/transfer-event.ts";
import type { App } from "../app.ts";
import { numberOf } from "../arguments.ts";
import { openTransferRun } from "./open-transfer-run.ts";
import type { TransferFlags } from "./transfer-flags.ts";

/**
 * How much later than usual code is compiled for speed. Most of a transfer is waiting for others, and of a hundred images it
 * is over before that has paid: it took a quarter of the CPU time. What is really hot is compiled all the same.
 */
const compileLater = 30;

type TransfersDone = {
  /** In the order of the transfers; an error in place of one that failed. */
  readonly results: readonly (TransferResult | Error)[];
  /** What was asked for. */
  readonly mode: DisplayMode;
  /** How it was shown: not at all in a dry run, where nothing moves. */
  readonly shown: DisplayMode;
};

/**
 * Brings images where they should be, and shows how it goes; what was done is the caller's to print.
 * @throws HiveError "usage" for flags that are none
 */
export async function doTransfers(
  app: App,
  flags: TransferFlags,
  action: TransferAction,
  transfers: readonly ImageTransfer[],
): Promise<TransfersDone> {
  Bun.unsafe.setJITPolicy(compileLater);
  const parallel = numberOf("parallel", flags.parallel, 1);
  const mode = resolveMode(requestedMode(flags.progress, app.env), app.stderr, app.env);
  const dryRun = flags["dry-run"] === true;
  // A display tells of what moves: in a dry run nothing does.
  const shown = dryRun && mode !== "rawjson" ? "none" : mode;
  using run = openTransferRun(app, shown, action);
  const { emit } = run;
  let ok = false;
  try {
    const options = { parallel, dryRun, emit, signal: app.signal };
    const results = await transferImages(transfers, options);
    ok = !results.some((result) => result instanceof Error);
    return { results, mode, shown };
  } finally {
    run.end(ok);
  }
}
