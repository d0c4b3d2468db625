import { expect, test } from "bun:test";
import { groupPlatforms } from "../../src/cli/group-platforms.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { sampleTarget } from "../build/sample-target.ts";

test("groupPlatforms() puts together what says the same of one reference", () => {
  const of = (name: string, platform: string, shown: string) => ({
    target: { ...sampleTarget(name), platform: parsePlatform(platform) },
    shown,
  });
  const groups = groupPlatforms([
    of("a", "linux/amd64", "x"),
    of("b", "linux/amd64", "x"),
    of("a", "linux/arm64", "x"),
    of("b", "linux/arm64", "y"),
  ]);
  expect(groups.map(({ platforms, shown }) => [platforms, shown])).toEqual([
    ["linux/amd64, linux/arm64", "x"],
    ["linux/amd64", "x"],
    ["linux/arm64", "y"],
  ]);
});
