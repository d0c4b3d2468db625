import { expect, test } from "bun:test";
import { compareVersions, readVersionTag, type VersionTag } from "../../src/plan/version-tag.ts";

/** Tag, then how it is read: prefix, numbers, flavour, pre-release. */
const read: readonly (readonly [string, string | undefined])[] = [
  ["1.2.3", "|1.2.3||"],
  ["v1.2.3", "v|1.2.3||"],
  ["version-1.2.3", "version-|1.2.3||"],
  ["v.1.2", "v.|1.2||"],
  ["7", "|7||"],
  ["1.2.3.4", "|1.2.3.4||"],
  ["1.2.3.4.5", undefined],
  ["024", "|024||"],
  ["2024-01-01", "|2024|-01-01|"],
  ["1.2.3-alpine", "|1.2.3|-alpine|"],
  ["1.2.3-alpine3.22", "|1.2.3|-alpine3.22|"],
  ["1.2.3-slim-bookworm", "|1.2.3|-slim-bookworm|"],
  ["1.2.3-rc.1", "|1.2.3||rc.1"],
  ["1.2.3-rc1", "|1.2.3||rc1"],
  ["1.2.3-RC2", "|1.2.3||RC2"],
  ["1.2.3-beta", "|1.2.3||beta"],
  ["1.2.3-alpha.2.1", "|1.2.3||alpha.2.1"],
  ["1.2.3-M1", "|1.2.3||M1"],
  ["1.2.3-b", "|1.2.3|-b|"],
  ["1.2.3-dev", "|1.2.3|-dev|"],
  ["1.2.3-dev.4", "|1.2.3||dev.4"],
  ["1.2.3-rc.1-alpine", "|1.2.3|-alpine|rc.1"],
  ["1.2.3-alpine-rc.1", "|1.2.3|-alpine|rc.1"],
  ["1.2.3-nightly", "|1.2.3||nightly"],
  ["1.2.3-prefork", "|1.2.3|-prefork|"],
  ["1.2.3-rcx", "|1.2.3|-rcx|"],
  ["latest", undefined],
  ["edge", undefined],
  ["1.2.x", undefined],
  ["1.2_3", undefined],
  ["1.2.3-", undefined],
  ["1.", undefined],
  ["bookworm-12.5", "bookworm-|12.5||"],
];

for (const [tag, expected] of read) {
  test(`readVersionTag() reads ${tag}`, () => {
    const version = readVersionTag(tag);
    expect(version && written(version)).toBe(expected);
  });
}

function written({ prefix, numbers, flavour, prerelease = "" }: VersionTag): string {
  return [prefix, numbers.join("."), flavour, prerelease].join("|");
}

test("readVersionTag() takes the suffix of a variant for a flavour whatever it looks like", () => {
  expect(readVersionTag("1.2.3-nightly", new Set(["-nightly"]))).toEqual({
    prefix: "",
    numbers: ["1", "2", "3"],
    flavour: "-nightly",
  });
});

const ascending = [
  ["1.9.0", "1.10.0"],
  ["1.2.9", "1.2.10"],
  ["9", "10"],
  ["1.2", "1.2.0"],
  ["1.2.3.9", "1.2.3.10"],
  ["1.0.9007199254740993", "1.0.9007199254740994"],
  ["1.0.99999999999999999999998", "1.0.99999999999999999999999"],
  ["9.0.0-rc.1", "1.0.0"],
  ["1.0.0-rc.9", "1.0.0-rc.10"],
  ["1.0.0-rc9", "1.0.0-rc10"],
  ["1.0.0-alpha.9", "1.0.0-beta.1"],
  ["1.0.0-beta", "1.0.0-beta.1"],
  ["1.0.0-RC1", "1.0.0-rc2"],
  ["1.0.0-rc.1", "1.1.0-alpha.1"],
] as const;

for (const [lower, higher] of ascending) {
  test(`compareVersions() has ${lower} below ${higher}`, () => {
    const [a, b] = [readVersionTag(lower), readVersionTag(higher)];
    if (a === undefined || b === undefined) throw new Error("Not a version");
    expect([compareVersions(a, b) < 0, compareVersions(b, a) > 0, compareVersions(a, a)]).toEqual([
      true,
      true,
      0,
    ]);
  });
}
