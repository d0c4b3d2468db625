import { describe, expect, test } from "bun:test";
import { baseTag } from "../../../src/distribute/prune/base-tag.ts";
import { groupTags } from "../../../src/distribute/prune/group-tags.ts";
import { subjectKey } from "../../../src/distribute/prune/subject-key.ts";
import { digestOf } from "../../../src/oci/digest.ts";

const hex = "0123456789abcdef".repeat(4);

test.each([
  ["1.0.linux-amd64", "1.0"],
  ["1.0.linux-arm-v7", "1.0"],
  ["1.0.linux-arm64-build.mr-42", "1.0-build.mr-42"],
  ["20260112-143022.windows-amd64", "20260112-143022"],
  ["1.0", undefined],
  ["1.0-build.42", undefined],
  ["3.linux-musl", undefined],
  ["1.0-linux-amd64", undefined],
  ["there-x86_64", "there"],
  ["there-aarch64-build.7", undefined],
  ["elsewhere-x86_64", undefined],
])("the whole of %s", (tag, whole) => {
  expect(baseTag(tag, (name) => name === "there")).toBe(whole);
});

test.each([
  [`sha256-${hex}.sig`, `sha256-${hex}`],
  [`sha256-${hex}`, `sha256-${hex}`],
  [`sha512-${hex}`, `sha512-${hex}`],
  [`sha256-${hex}-x`, undefined],
  [`sha256-${hex.slice(1)}`, undefined],
  [`v-sha256-${hex}`, undefined],
])("what %s is attached to", (tag, key) => {
  expect(subjectKey(tag)).toBe(key);
});

describe("tags", () => {
  const groups = (tags: Readonly<Record<string, string>>): readonly string[][] =>
    groupTags(new Map(Object.entries(tags).map(([tag, name]) => [tag, digestOf(name)]))).map(
      (group) => [...group.tags],
    );

  test("of one image are together", () => {
    expect(groups({ "1.0": "A", latest: "A", "1.1": "B" })).toEqual([["1.0", "latest"], ["1.1"]]);
  });

  test("of platforms are with those of the whole, also where two images have a platform in common", () => {
    expect(
      groups({
        "1.0.linux-amd64": "P",
        "1.0.linux-arm64": "Q",
        "1.0": "A",
        "1.1": "B",
        "1.1.linux-amd64": "P",
      }),
    ).toEqual([
      ["1.0", "1.0.linux-amd64", "1.0.linux-arm64"],
      ["1.1", "1.1.linux-amd64"],
    ]);
  });

  test("of platforms without a whole are together by its name", () => {
    expect(
      groups({ "1-build.7": "A", "1.linux-amd64-build.8": "P", "1.linux-arm64-build.8": "Q" }),
    ).toEqual([["1-build.7"], ["1.linux-amd64-build.8", "1.linux-arm64-build.8"]]);
  });

  test("of an image with one platform are one group", () => {
    expect(groups({ "1.0": "A", "1.0.linux-amd64": "A" })).toEqual([["1.0", "1.0.linux-amd64"]]);
  });

  test("of what is attached are in none", () => {
    expect(groups({ [`sha256-${hex}.sig`]: "S", [`sha256-${hex}`]: "L" })).toEqual([]);
  });
});
