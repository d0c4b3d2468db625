import { HiveError } from "../base/hive-error.ts";
import { isTag } from "../oci/reference.ts";
import type { Plan } from "../plan/plan.ts";
import { platformTag } from "../plan/platform-tag.ts";
import { withBuildId } from "../plan/with-build-id.ts";

/**
 * The value of --build-id, as the names of `plan` can have it.
 * @throws HiveError "usage"
 */
export function readBuildId(
  text: string | undefined,
  plan?: Pick<Plan, "targets" | "aliases">,
): string | undefined {
  if (text === undefined) return undefined;
  if (!isTag(`build.${text}`)) {
    throw new HiveError("usage", `Cannot use --build-id=${text}: it becomes part of tags`, {
      hint: "Use letters, digits, and _ . -, as mr-42.",
    });
  }
  const tags = [
    ...(plan?.targets ?? []).map(({ tag, platform }) => platformTag(tag, platform, text)),
    ...(plan?.aliases ?? []).map(({ alias }) =>
      withBuildId(alias.slice(alias.lastIndexOf(":") + 1), text),
    ),
  ];
  const long = tags.find((tag) => !isTag(tag));
  if (long === undefined) return text;
  throw new HiveError("usage", `Cannot use --build-id=${text}: the tag ${long} is too long`, {
    hint: "A tag has at most 128 characters: use a shorter id.",
  });
}
