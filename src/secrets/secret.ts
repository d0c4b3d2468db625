import type { Place } from "../base/diagnostic.ts";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import type { Hidden } from "../base/hidden.ts";

/** A secret as it is declared. */
export type Secret = {
  /** What steps mount it by. */
  readonly id: string;
  readonly source: "env" | "plain" | "file" | "vault";
  readonly value: Hidden;
  /** Where it is declared. */
  readonly place: Place;
};

/** The world that a secret comes from. */
export type SecretOptions = {
  readonly env: Environment;
  /** Absolute; what the paths of secret files are relative to. */
  readonly directory: string;
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
