import { HiveError } from "../../base/hive-error.ts";
import { globPattern } from "../../plan/glob-pattern.ts";
import type { RegistryRole, ServerSettings } from "../../server/server-settings.ts";
import { listOf } from "../arguments.ts";

type RoleFlags = { readonly role: RegistryRole; readonly "mutable-tags"?: string | undefined };

/** @throws HiveError "usage" for tags that are mutable where all are. */
export function readRole({
  role,
  "mutable-tags": globs,
}: RoleFlags): Pick<ServerSettings, "role" | "isMutableTag"> {
  if (globs !== undefined && role !== "prod" && role !== "archive") {
    throw new HiveError("usage", `Cannot use --mutable-tags with --role=${role}: all tags are`, {
      hint: "Add --role=prod or --role=archive, or leave it out.",
    });
  }
  const patterns = listOf(globs ?? (role === "prod" ? "latest" : "")).map(globPattern);
  return { role, isMutableTag: (tag) => patterns.some((pattern) => pattern.test(tag)) };
}
