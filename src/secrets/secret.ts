import type { Place } from "../base/diagnostic.ts";
import type { Hidden } from "../base/hidden.ts";
import { HiveError } from "../base/hive-error.ts";

/** A secret as it is declared. */
export type Secret = {
  /** What steps mount it by. */
  readonly id: string;
  readonly source: "env" | "plain" | "file" | "vault";
  /** A variable's name, the secret itself, a path that is absolute or below `~/`, or `vault://path#field`. */
  readonly value: Hidden;
  /** Where it is declared. */
  readonly place: Place;
};

/** Why a secret can't be had, with the place of its declaration. Never a value, and never a credential. */
export function secretError(
  { id, place }: Secret,
  reason: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): HiveError {
  const where = `${place.file}:${place.line}:${place.column}`;
  return new HiveError("failed", `Cannot get secret "${id}" (${where}): ${reason}`, options);
}
