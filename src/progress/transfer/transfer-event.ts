import type { Digest } from "../../oci/digest.ts";

/** What happens while images go from one place to another. An image's `id` is of this run alone. */
export type TransferEvent = {
  /** Milliseconds since 1970. */
  readonly time: number;
} & UntimedTransferEvent;

export type UntimedTransferEvent =
  | { readonly type: "transfer.start"; readonly version: string; readonly action: TransferAction }
  /** How many images there are in all, as soon as that is known; told again when there are more. */
  | { readonly type: "transfer.plan"; readonly images: number }
  | {
      readonly type: "image.start";
      readonly id: string;
      readonly from: string;
      readonly to: string;
    }
  /** A blob that may have to move, told when its image's manifest is read, so that the whole is known early. */
  | {
      readonly type: "blob.found";
      readonly image: string;
      readonly digest: Digest;
      readonly size: number;
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
