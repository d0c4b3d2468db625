import { expect, test } from "bun:test";
import { describedPlatform, normalPlatform } from "../../src/oci/normal-platform.ts";

test("platforms are spelt in one way, and what is none stays as it is", () => {
  expect(["linux/arm64/v8", "linux/arm", "no platform"].map(normalPlatform)).toEqual([
    "linux/arm64",
    "linux/arm/v7",
    "no platform",
  ]);
  const platform = { os: "linux", architecture: "arm64", variant: "v8" };
  expect([describedPlatform({ platform }), describedPlatform({})]).toEqual([
    "linux/arm64",
    "unknown",
  ]);
});
