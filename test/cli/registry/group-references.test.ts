import { describe, expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import { groupReferences } from "../../../src/cli/registry/group-references.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("groupReferences()", () => {
  test("puts those of one repository together", () => {
    const texts = ["a:1", "b:1", `a@${digest}`, "r.test:5000/a:1"];
    expect(groupReferences(texts, undefined)).toEqual([
      { registry: undefined, repository: "a", references: ["1", digest] },
      { registry: undefined, repository: "b", references: ["1"] },
      { registry: "r.test:5000", repository: "a", references: ["1"] },
    ]);
  });

  test("takes the registry's own name in a reference", () => {
    const [group] = groupReferences(["r.test:5000/a:1"], "https://r.test:5000");
    expect(group).toMatchObject({ repository: "a", references: ["1"] });
  });

  test.each([
    [["a"], undefined, "does not say what to delete"],
    [[`a:1@${digest}`], undefined, "does not say what to delete"],
    [["a:1", "A:1"], undefined, 'Cannot parse reference "A:1"'],
    [["a:1", "other.test/a:1"], "r.test", "is not of the registry r.test"],
  ])("refuses %j with --registry %p", (texts, registry, message) => {
    expect(() => groupReferences(texts, registry)).toThrow(HiveError);
    expect(() => groupReferences(texts, registry)).toThrow(message);
  });
});
