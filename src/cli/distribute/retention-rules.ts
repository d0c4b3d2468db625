import { HiveError } from "../../base/hive-error.ts";
import type { RetentionRules } from "../../distribute/prune/choose-groups.ts";
import { numberOf } from "../arguments.ts";
import type { FoundRegistry } from "../find-named-registry.ts";
import { readDuration } from "../read-value.ts";

/** Flags that say what stays. */
export type RetentionFlags = {
  readonly "keep-last"?: string | undefined;
  readonly "max-age"?: string | undefined;
};

/**
 * The rules for a registry: each flag comes before the rule of hive.yml that it names. For a registry of role prod flags do not
 * count.
 * @throws HiveError "usage" where there are none, "policy" for prod without rules of its own, or with flags
 */
export function retentionRules(
  named: FoundRegistry | undefined,
  flags: RetentionFlags,
): RetentionRules {
  const written = named?.settings.retention ?? {};
  const given = {
    ...(flags["keep-last"] === undefined
      ? {}
      : { keepLast: numberOf("keep-last", flags["keep-last"], 1) }),
    ...(flags["max-age"] === undefined
      ? {}
      : { maxAge: readDuration("max-age", flags["max-age"]) }),
  };
  const rules = { ...written, ...given };
  const has = ({ keepLast, maxAge }: RetentionRules): boolean =>
    keepLast !== undefined || maxAge !== undefined;
  if (named?.settings.role === "prod" && (has(given) || !has(written))) {
    throw new HiveError("policy", `Cannot prune "${named.name}" by flags: its role is prod`, {
      hint: `Write what is to stay there into hive.yml, under registries.${named.name}.retention, as keep_last: 50, and leave out the flags.`,
    });
  }
  if (has(rules)) return rules;
  throw new HiveError("usage", "Nothing says what is to stay", {
    hint:
      named === undefined
        ? "Give --keep-last or --max-age, or name a registry of hive.yml that has retention with --registry."
        : `Give --keep-last or --max-age, or write registries.${named.name}.retention into hive.yml.`,
  });
}
