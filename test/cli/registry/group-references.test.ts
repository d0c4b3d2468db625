import { describe, expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import type { FoundReference } from "../../../src/cli/registry/find-reference.ts";
import { groupReferences } from "../../../src/cli/registry/group-references.ts";
import { parseReference } from "../../../src/oci/reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

function found(written: string): FoundReference {
  const { registry, ...reference } = parseReference(written);
  return { ...reference, written, address: registry };
}

describe("groupReferences()", () => {
  test("puts those of one repository together", () => {
    const texts = ["a:1", "b:1", `a@${digest}`, "r.test:5000/a:1"];
    expect(groupReferences(texts.map(found))).toEqual([
      { address: undefined, repository: "a", references: ["1", digest] },
      { address: undefined, repository: "b", references: ["1"] },
      { address: "r.test:5000", repository: "a", references: ["1"] },
    ]);
  });

  test.each([[["b:1", "a"]], [[`a:1@${digest}`]]])("refuses %j", (texts) => {
    expect(() => groupReferences(texts.map(found))).toThrow(HiveError);
    expect(() => groupReferences(texts.map(found))).toThrow("does not say what to delete");
  });
});
