import { describe, expect, test } from "bun:test";
import {
  chooseGroups,
  type KeepReason,
  type RetentionRules,
  type TimedGroup,
} from "../../../src/distribute/prune/choose-groups.ts";
import { timeInTag } from "../../../src/distribute/prune/image-time.ts";
import { digestOf } from "../../../src/oci/digest.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 5, 30);

/** `a: 3` is an image with the tag a that is three days old; undefined: nobody knows. */
function judge(
  ages: Readonly<Record<string, number | undefined>>,
  rules: RetentionRules,
  declared: readonly string[] = [],
): Readonly<Record<string, KeepReason | undefined>> {
  const groups = Object.entries(ages).map(([tags, age]): TimedGroup => ({
    tags: tags.split(" "),
    digest: digestOf(tags),
    time: age === undefined ? undefined : { at: now - age * day, from: "pushed" },
  }));
  const judged = chooseGroups(groups, { rules, now, declared: new Set(declared) });
  return Object.fromEntries(judged.map(({ tags, keptBy }) => [tags.join(" "), keptBy]));
}

describe("rules", () => {
  test("keep_last alone keeps the newest, whatever their age, and nothing else", () => {
    expect(judge({ a: 900, b: 1000, c: 800 }, { keepLast: 2 })).toEqual({
      c: "keep_last",
      a: "keep_last",
      b: undefined,
    });
  });

  test("max_age alone keeps what is younger, however many, and nothing else", () => {
    expect(judge({ a: 13, b: 14, c: 15, d: 0 }, { maxAge: 14 * day })).toEqual({
      d: "max_age",
      a: "max_age",
      b: undefined,
      c: undefined,
    });
  });

  test("with both only what is beyond the number and older goes", () => {
    expect(judge({ a: 1, b: 2, c: 3, d: 40 }, { keepLast: 1, maxAge: 2.5 * day })).toEqual({
      a: "keep_last",
      b: "max_age",
      c: undefined,
      d: undefined,
    });
    expect(judge({ a: 30, b: 40 }, { keepLast: 1, maxAge: day })).toEqual({
      a: "keep_last",
      b: undefined,
    });
  });

  test("let what the project declares stay, with its platforms, and it counts", () => {
    const ages = { a: 1, "b alias": 50, "c.linux-amd64": 60, "c.linux-amd64-build.7": 70 };
    expect(judge(ages, { keepLast: 1 }, ["alias", "c"])).toEqual({
      a: "keep_last",
      "b alias": "declared",
      "c.linux-amd64": "declared",
      "c.linux-amd64-build.7": undefined,
    });
    expect(judge({ a: 1, b: 2 }, { keepLast: 1 }, ["a"])).toEqual({ a: "declared", b: undefined });
  });

  test("let what has no time stay, and it does not count", () => {
    expect(judge({ a: undefined, b: undefined, c: 5 }, { maxAge: day })).toEqual({
      b: "no time",
      a: "no time",
      c: undefined,
    });
    expect(judge({ a: undefined, b: 7, c: 5 }, { keepLast: 1 })).toEqual({
      c: "keep_last",
      b: undefined,
      a: "no time",
    });
  });

  test("take the higher name for the newer of two of one time", () => {
    expect(Object.keys(judge({ "1-build.9": 1, "1-build.10": 1 }, { keepLast: 1 }))).toEqual([
      "1-build.10",
      "1-build.9",
    ]);
  });

  test("take a time that is still to come for the newest, and no more", () => {
    expect(judge({ a: -5 }, { maxAge: day })).toEqual({ a: "max_age" });
    expect(judge({ a: -5, b: -6 }, { keepLast: 1 })).toEqual({ b: "keep_last", a: undefined });
  });
});

test.each([
  ["20260112-143022", "2026-01-12T14:30:22Z"],
  ["20260112-143022-build.7", "2026-01-12T14:30:22Z"],
  ["20260112-143022-x86_64", "2026-01-12T14:30:22Z"],
  ["20261312-143022", undefined],
  ["20260112-1430220", undefined],
  ["v20260112-143022", undefined],
  ["1.0", undefined],
])("the time in the tag %s", (tag, time) => {
  expect(timeInTag(tag)).toBe(time === undefined ? undefined : Date.parse(time));
});
