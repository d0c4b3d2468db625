import type { Digest } from "../../oci/digest.ts";

/** What happens while images go from one place to another. An image's `id` is of this run alone. */
export type TransferEvent = {
  /** Milliseconds since 1970. */
  readonly time: number;
} & UntimedTransferEvent;

export type UntimedTransferEvent =
  /** `images` are those known at the start; more may come. */
  | { readonly type: "transfer.start"; readonly version: string; readonly action: TransferAction }
  | {
      readonly type: "image.start";
      readonly id: string;
      readonly from: string;
      readonly to: string;
    }
  /** Bytes of a blob begin to move. Blobs that several images have are told once. */
  | {
      readonly type: "blob.start";
      readonly image: string;
      readonly digest: Digest;
      readonly size: number;
    }
  /** `sent` counts from the blob's beginning; it falls where an upload had to begin anew. */
  | { readonly type: "blob.progress"; readonly digest: Digest; readonly sent: number }
  | {
      readonly type: "blob.done";
      readonly image: string;
      readonly digest: Digest;
      readonly how: BlobOutcome;
    }
  | {
      readonly type: "image.done";
      readonly id: string;
      readonly digest: Digest;
      /** Whether anything had to be written. */
      readonly changed: boolean;
      /** Bytes of blobs that moved. */
      readonly bytes: number;
    }
  | { readonly type: "image.failed"; readonly id: string; readonly message: string }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "transfer.end"; readonly ok: boolean; readonly duration: number };

export type TransferAction = "push" | "copy" | "import" | "promote" | "mirror";

/** How the other side came by a blob: its bytes went there, it took it from another repository, or had it. */
export type BlobOutcome = "sent" | "mounted" | "there";

export type TransferEventSink = (event: TransferEvent) => void;
