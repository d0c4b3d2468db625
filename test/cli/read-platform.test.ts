import { expect, test } from "bun:test";
import { formatPlatform } from "../../src/oci/platform.ts";
import { readPlatform } from "../../src/cli/read-platform.ts";

test.each([
  ["arm64", "linux/arm64"],
  ["linux/x86_64", "linux/amd64"],
  ["linux/arm/v6", "linux/arm/v6"],
  ["linux/amd64/v3", "linux/amd64/v3"],
  ["unknown/unknown", "unknown/unknown"],
  ["linux/sparc64", "linux/sparc64"],
])("readPlatform() takes %s", (text, platform) => {
  expect(formatPlatform(readPlatform(text))).toBe(platform);
});

test.each([
  ["linux/amd46", "linux/amd64"],
  ["liunx/arm64", "linux/arm64"],
  ["linux/amr/v7", "linux/arm/v7"],
  ["amd", "linux/amd64"],
])("readPlatform() asks for %s whether %s was meant", (text, meant) => {
  const hint = `Did you mean ${meant}?`;
  expect(() => readPlatform(text)).toThrow(expect.objectContaining({ kind: "usage", hint }));
});
