import type { Evidence, Promotion } from "../../distribute/promote/plan-promotion.ts";
import type { Digest } from "../../oci/digest.ts";
import { type JsonError, jsonError } from "../json-error.ts";

/** What became of one image, as `--json` prints it. */
export type PromotionRow = {
  /** Where it goes, `registry.example.com/team/app`, and its tag there. */
  readonly name: string;
  readonly tag: string;
  /** `ci.example.com/team/app:1.2.3-build.42`. */
  readonly from: string;
  /** Absent when there is no such image. */
  readonly digest?: Digest;
  /** Those that move. */
  readonly aliases: readonly string[];
  readonly evidence: readonly Evidence[];
  /** `passed`: nothing speaks against it, but it stays, as another one was refused. */
  readonly status: PromotionStatus;
  readonly refusals: readonly string[];
  /** Of the artifact that says who brought it there. */
  readonly record?: Digest;
  readonly error?: JsonError;
};

type PromotionStatus = "promoted" | "would be promoted" | "there" | "refused" | "passed" | "failed";

/** A promotion, and what became of it. */
export type PromotionOutcome = {
  readonly promotion: Promotion;
  readonly status: PromotionStatus;
  readonly record?: Digest;
  readonly error?: Error;
};

/** @param hosts of the registries that it comes from and goes to */
export function promotionRow(
  { promotion, status, record, error }: PromotionOutcome,
  hosts: { readonly from: string; readonly to: string },
): PromotionRow {
  const { from, to, digest, aliases, evidence, refusals } = promotion;
  return {
    name: `${hosts.to}/${to.repository}`,
    tag: to.tag,
    from: `${hosts.from}/${from.repository}:${from.tag}`,
    ...(digest === undefined ? {} : { digest }),
    aliases,
    evidence,
    status,
    refusals,
    ...(record === undefined ? {} : { record }),
    ...(error === undefined ? {} : { error: jsonError(error) }),
  };
}
