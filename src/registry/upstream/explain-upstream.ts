import { HiveError } from "../../base/hive-error.ts";
import { printable } from "../../base/printable.ts";
import { RegistryError } from "../registry-error.ts";

/** What a client is told when a mirrored registry could not be asked, and there is nothing to give instead. */
export function explainUpstream(name: string, error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  if (!(error instanceof HiveError)) throw error;
  return new RegistryError(502, "UNKNOWN", `${name}: ${printable(error.message)}`, {
    "Retry-After": "5",
  });
}
