import { formatBytes } from "../../base/format-bytes.ts";
import { formatDuration } from "../../base/format-duration.ts";
import { createHeartbeat } from "../heartbeat.ts";
import type { Clock, Output } from "../renderer.ts";
import { shortDigest } from "../short-digest.ts";
import type { Look } from "../terminal.ts";
import { renderTransferEnd } from "./render-transfer-notices.ts";
import { transferHeartbeat } from "./transfer-heartbeat.ts";
import { createTransferNotices } from "./transfer-notices.ts";
import type { TransferRenderer } from "./transfer-renderer.ts";
import { createTransferState, type ImageState } from "./transfer-state.ts";

/** The append-only display for logs: a line when an image begins to move and when it ends, and a sign of life between. */
export function createTransferPlainDisplay(
  output: Output,
  { look, clock }: { readonly look: Look; readonly clock: Clock },
): TransferRenderer {
  const { paint, glyphs } = look;
  const noticesOf = createTransferNotices(look);
  const announced = new Set<ImageState>();
  let state = createTransferState();
  const heartbeat = createHeartbeat(clock, () =>
    print([paint.dim(transferHeartbeat(state, clock.now(), glyphs))]),
  );

  function print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    output.write(`${lines.join("\n")}\n`);
    heartbeat.restart();
  }

  /** One that is there already has no beginning. */
  function startLine(image: ImageState): string[] {
    if (announced.has(image)) return [];
    announced.add(image);
    const { from, to } = image;
    return [from === "" ? to : `${from} ${paint.dim(glyphs.arrow)} ${to}`];
  }

  function doneLine({ to, status }: ImageState): string[] {
    if (status.kind !== "done" && status.kind !== "unchanged") return [];
    const digest = shortDigest(status.digest);
    if (status.kind === "unchanged") return [paint.dim(`${to} unchanged ${digest}`)];
    const facts = [formatDuration(status.duration), formatBytes(status.bytes), digest];
    return [`${to} ${paint.green("done")} ${facts.join(" ")}`];
  }

  return {
    onEvent(event, current) {
      state = current;
      if (!heartbeat.running) heartbeat.restart();
      print(noticesOf(event, current));
      if (event.type === "blob.start") {
        const image = current.images.get(event.image);
        if (image !== undefined) print(startLine(image));
      }
      if (event.type === "image.done") {
        const image = current.images.get(event.id);
        if (image !== undefined) print(doneLine(image));
      }
      if (event.type !== "transfer.end") return;
      print(renderTransferEnd(current, look));
      heartbeat.stop();
    },
    close: () => heartbeat.stop(),
  };
}
