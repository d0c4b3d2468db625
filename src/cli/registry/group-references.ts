import { HiveError } from "../../base/hive-error.ts";
import type { FoundReference } from "./find-reference.ts";

type ReferenceGroup = {
  /** Undefined: the registry of this machine. */
  readonly address: string | undefined;
  readonly repository: string;
  /** Tags and digests. */
  readonly references: readonly string[];
};

/**
 * References to delete, those of one repository together.
 * @throws HiveError "usage" for what does not say which image, before anything is done.
 */
export function groupReferences(found: readonly FoundReference[]): readonly ReferenceGroup[] {
  const parsed = found.map(({ written, address, repository, tag, digest }) => {
    const reference = digest ?? tag;
    if (reference === undefined || (tag !== undefined && digest !== undefined)) {
      throw new HiveError("usage", `"${written}" does not say what to delete`, {
        hint: `Write ${repository}:<tag> for a tag, or ${repository}@sha256:... for a manifest with all its tags.`,
      });
    }
    return { address, repository, reference };
  });
  const groups = Map.groupBy(parsed, ({ address = "", repository }) => `${address}/${repository}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const references = members.map(({ reference }) => reference);
    return [{ address: first.address, repository: first.repository, references }];
  });
}
