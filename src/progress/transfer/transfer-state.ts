import { printable } from "../../base/printable.ts";
import type { Digest } from "../../oci/digest.ts";
import { createRateWindow, type RateWindow } from "./rate-window.ts";
import type { TransferAction, TransferEvent } from "./transfer-event.ts";

/** What is known of a transfer, from its events. Times are milliseconds since 1970, sizes bytes. */
export type TransferState = Moved & {
  startedAt: number | undefined;
  action: TransferAction | undefined;
  end: { readonly ok: boolean; readonly duration: number } | undefined;
  /** How many images there will be, as far as it was told. */
  planned: number;
  /** By id, in the order in which they began. */
  readonly images: Map<string, ImageState>;
  /** Blobs that move or will. */
  readonly blobs: Map<Digest, BlobState>;
};

/** Bytes that move. */
export type Moved = {
  /** Those that are there. */
  sent: number;
  /** As many as is known yet. */
  total: number;
  readonly window: RateWindow;
};

export type ImageState = Moved & {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
  status: ImageStatus;
};

export type ImageStatus =
  | { readonly kind: "running" }
  | {
      readonly kind: "done" | "unchanged";
      readonly digest: Digest;
      /** Of blobs that moved. */
      readonly bytes: number;
      readonly duration: number;
    }
  | { readonly kind: "failed"; readonly message: string; readonly duration: number };

export type BlobState = {
  readonly digest: Digest;
  readonly image: ImageState;
  readonly size: number;
  moving: boolean;
  sent: number;
};

/** Of a transfer that has told nothing yet. */
export function createTransferState(): TransferState {
  return {
    startedAt: undefined,
    action: undefined,
    end: undefined,
    planned: 0,
    images: new Map(),
    blobs: new Map(),
    ...nothingMoved(),
  };
}

/** Takes one event into `state`. */
export function applyTransferEvent(state: TransferState, event: TransferEvent): void {
  state.startedAt ??= event.time;
  switch (event.type) {
    case "transfer.start":
      state.action = event.action;
      return;
    case "transfer.plan":
      state.planned = event.images;
      return;
    case "image.start":
      imageOf(state, event.id, event);
      return;
    case "blob.found":
      findBlob(state, event);
      return;
    case "blob.start": {
      const blob = findBlob(state, event);
      blob.moving = true;
      for (const moved of [state, blob.image]) moved.window.add(event.time, 0);
      return;
    }
    case "blob.progress": {
      const blob = state.blobs.get(event.digest);
      if (blob !== undefined) move(state, blob, event.sent, event.time);
      return;
    }
    case "blob.done": {
      const blob = state.blobs.get(event.digest);
      if (blob === undefined) return;
      state.blobs.delete(event.digest);
      if (event.how === "sent") move(state, blob, blob.size, event.time);
      else takeBack(state, blob);
      return;
    }
    case "image.done": {
      const image = imageOf(state, event.id, event);
      const { digest, bytes, changed, time } = event;
      const kind = changed ? "done" : "unchanged";
      image.status = { kind, digest, bytes, duration: time - image.startedAt };
      return;
    }
    case "image.failed": {
      const image = imageOf(state, event.id, event);
      const duration = event.time - image.startedAt;
      image.status = { kind: "failed", message: event.message.trim(), duration };
      // What it did not get to is not moved any more.
      for (const blob of state.blobs.values()) {
        if (blob.image !== image) continue;
        state.blobs.delete(blob.digest);
        takeBack(state, blob);
      }
      return;
    }
    case "warning":
      return;
    case "transfer.end":
      state.end = { ok: event.ok, duration: event.duration };
  }
}

/** How many images there are, those included that have yet to begin. */
export function totalImages({ planned, images }: TransferState): number {
  return Math.max(planned, images.size);
}

/** How many images are in a state of `kind`. */
export function countImages(state: TransferState, ...kinds: ImageStatus["kind"][]): number {
  return [...state.images.values()].filter(({ status }) => kinds.includes(status.kind)).length;
}

function imageOf(
  state: TransferState,
  id: string,
  {
    time,
    from = "",
    to = id,
  }: { readonly time: number; readonly from?: string; readonly to?: string },
): ImageState {
  const known = state.images.get(id);
  if (known !== undefined) return known;
  const image: ImageState = {
    id,
    from: printable(from),
    to: printable(to),
    startedAt: time,
    status: { kind: "running" },
    ...nothingMoved(),
  };
  state.images.set(id, image);
  return image;
}

function findBlob(
  state: TransferState,
  event: TransferEvent & { readonly type: "blob.found" | "blob.start" },
): BlobState {
  const { digest, size } = event;
  const known = state.blobs.get(digest);
  if (known !== undefined) return known;
  const image = imageOf(state, event.image, event);
  const blob = { digest, image, size, moving: false, sent: 0 };
  state.blobs.set(digest, blob);
  state.total += size;
  image.total += size;
  return blob;
}

function nothingMoved(): Moved {
  return { sent: 0, total: 0, window: createRateWindow() };
}

/** An upload that began anew has fewer bytes there than before; those that it sends again count for the rate. */
function move(state: TransferState, blob: BlobState, sent: number, time: number): void {
  const more = sent - blob.sent;
  blob.sent = sent;
  for (const moved of [state, blob.image]) {
    moved.sent += more;
    if (more > 0) moved.window.add(time, more);
  }
}

function takeBack(state: TransferState, blob: BlobState): void {
  for (const moved of [state, blob.image]) {
    moved.sent -= blob.sent;
    moved.total -= blob.size;
  }
}
