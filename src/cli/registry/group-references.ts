import { HiveError } from "../../base/hive-error.ts";
import { readReference } from "./read-reference.ts";

type ReferenceGroup = {
  /** As it stands in the references; undefined where they name none. */
  readonly registry: string | undefined;
  readonly repository: string;
  /** Tags and digests. */
  readonly references: readonly string[];
};

/**
 * References to delete, those of one repository together.
 * @throws HiveError "usage" for what does not say which image, before anything is done.
 */
export function groupReferences(
  texts: readonly string[],
  registry: string | undefined,
): readonly ReferenceGroup[] {
  const parsed = texts.map((text) => {
    const { registry: host, repository, tag, digest } = readReference(text, registry);
    const reference = digest ?? tag;
    if (reference === undefined || (tag !== undefined && digest !== undefined)) {
      throw new HiveError("usage", `"${text}" does not say what to delete`, {
        hint: `Write ${repository}:<tag> for a tag, or ${repository}@sha256:... for a manifest with all its tags.`,
      });
    }
    return { host, repository, reference };
  });
  const groups = Map.groupBy(parsed, ({ host = "", repository }) => `${host}/${repository}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const references = members.map(({ reference }) => reference);
    return [{ registry: first.host, repository: first.repository, references }];
  });
}
