import { digestOf } from "../../../src/oci/digest.ts";
import type {
  TransferEvent,
  UntimedTransferEvent,
} from "../../../src/progress/transfer/transfer-event.ts";
import { start } from "../script.ts";

/** An event `seconds` after the start. */
export function at(seconds: number, event: UntimedTransferEvent): TransferEvent {
  return { ...event, time: start + seconds * 1000 };
}

const megabyte = 1_000_000;
export const [small, big, other, shared] = [
  digestOf("small"),
  digestOf("big"),
  digestOf("other"),
  digestOf("shared"),
];

export function startImage(id: string): UntimedTransferEvent {
  const from = `old.test/team/${id}`;
  return { type: "image.start", id, from, to: `new.test/team/${id}` };
}

export function doneImage(id: string, bytes: number): UntimedTransferEvent {
  return { type: "image.done", id, digest: digestOf(id), changed: bytes > 0, bytes };
}

/** One image is there already, one moves, one fails, one is about to end; three are to come. */
export const transferScript: readonly TransferEvent[] = [
  at(0, { type: "transfer.start", version: "0.1.0", action: "copy" }),
  at(0, { type: "transfer.plan", images: 6 }),
  at(0.1, startImage("base:1")),
  at(0.2, doneImage("base:1", 0)),
  at(0.2, startImage("app:1.4.0")),
  at(0.2, startImage("tools:2")),
  at(0.3, startImage("web:7")),
  at(0.3, { type: "blob.found", image: "app:1.4.0", digest: small, size: 4 * megabyte }),
  at(0.3, { type: "blob.found", image: "app:1.4.0", digest: big, size: 200 * megabyte }),
  at(0.3, { type: "blob.found", image: "app:1.4.0", digest: shared, size: 50 * megabyte }),
  at(0.4, { type: "blob.done", image: "app:1.4.0", digest: shared, how: "mounted" }),
  at(0.5, { type: "blob.start", image: "app:1.4.0", digest: small, size: 4 * megabyte }),
  at(0.5, { type: "blob.start", image: "app:1.4.0", digest: big, size: 200 * megabyte }),
  at(0.6, { type: "blob.start", image: "web:7", digest: other, size: 10 * megabyte }),
  at(1, { type: "warning", message: "old.test sends no digest" }),
  at(1, { type: "blob.done", image: "app:1.4.0", digest: small, how: "sent" }),
  at(1.1, { type: "warning", message: "old.test sends no digest" }),
  at(1.5, {
    type: "image.failed",
    id: "tools:2",
    message: "Cannot copy old.test/team/tools:2: it is not there\nhint: look at the tags",
  }),
  ...[10, 20, 30, 40, 50, 60].map((part, index) =>
    at(2 + index / 2, { type: "blob.progress", digest: big, sent: part * megabyte }),
  ),
  at(4.6, { type: "blob.progress", digest: other, sent: 9 * megabyte }),
];

/** How the script ends. */
export const transferScriptEnd: readonly TransferEvent[] = [
  at(5, { type: "blob.done", image: "web:7", digest: other, how: "sent" }),
  at(5.1, doneImage("web:7", 10 * megabyte)),
  at(60, { type: "blob.done", image: "app:1.4.0", digest: big, how: "sent" }),
  at(60.2, doneImage("app:1.4.0", 204 * megabyte)),
  at(60.5, { type: "transfer.end", ok: false, duration: 60_500 }),
];
