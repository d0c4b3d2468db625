import type { ImageTransfer, TransferResult } from "../../distribute/transfer/image-transfer.ts";
import { transferNames } from "../../distribute/transfer/transfer-names.ts";
import type { Digest } from "../../oci/digest.ts";
import { type JsonError, jsonError } from "../json-error.ts";

/** What became of one image, as `--json` prints it. */
export type TransferRow = {
  /** Where it came from: `.hive/app:1.0`. */
  readonly from: string;
  /** Where it went: `registry.example.com/team/app`. */
  readonly name: string;
  /** Absent when it failed. */
  readonly digest?: Digest;
  readonly changed?: boolean;
  /** `changed`: whether the tag did not stand for it before; absent when it failed. */
  readonly tags: readonly { readonly tag: string; readonly changed?: boolean }[];
  readonly bytes?: TransferResult["bytes"];
  readonly error?: JsonError;
};

/** A transfer and its outcome put together. */
export function transferRow(transfer: ImageTransfer, result: TransferResult | Error): TransferRow {
  const { from } = transferNames(transfer);
  if (!(result instanceof Error)) return { from, ...result };
  return {
    from,
    name: `${transfer.destination.host}/${transfer.to.repository}`,
    tags: transfer.to.tags.map((tag) => ({ tag })),
    error: jsonError(result),
  };
}
