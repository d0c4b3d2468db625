import { describe, expect, test } from "bun:test";
import { formatPlatform, parsePlatform, platformSlug } from "../../src/oci/platform.ts";

describe("parsePlatform()", () => {
  test.each([
    ["linux/amd64", "linux/amd64"],
    ["arm64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/v7", "linux/arm/v7"],
    ["linux/arm/v6", "linux/arm/v6"],
    ["aarch64", "linux/arm64"],
    ["linux/constructor", "linux/constructor"],
    ["x86_64", "linux/amd64"],
    ["armel", "linux/arm/v6"],
    ["Windows/AMD64", "windows/amd64"],
    [" linux/amd64 ", "linux/amd64"],
  ])("reads %p as %p", (written, expected) => {
    expect(formatPlatform(parsePlatform(written))).toBe(expected);
  });

  test.each(["", "/", "linux/", "linux//v7", "a/b/c/d", "linux/am d64", "../etc"])(
    "refuses %p",
    (written) => {
      expect(() => parsePlatform(written)).toThrow(SyntaxError);
    },
  );

  test("platformSlug() fits into a tag", () => {
    expect(platformSlug(parsePlatform("linux/arm/v7"))).toBe("linux-arm-v7");
  });
});
