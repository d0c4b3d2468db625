import { describe, expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { parseRegistryAddress } from "../../src/remote/registry-address.ts";

describe("parseRegistryAddress()", () => {
  test.each([
    ["registry.test", "registry.test", "https://registry.test", false],
    ["registry.test:5000", "registry.test:5000", "https://registry.test:5000", false],
    ["Registry.Test/", "registry.test", "https://registry.test", false],
    ["http://registry.test:80", "registry.test", "http://registry.test", false],
    ["https://127.0.0.1:5000", "127.0.0.1:5000", "https://127.0.0.1:5000", true],
    ["127.0.0.1:5000", "127.0.0.1:5000", "http://127.0.0.1:5000", true],
    ["127.9.9.9", "127.9.9.9", "http://127.9.9.9", true],
    ["localhost:5000", "localhost:5000", "http://localhost:5000", true],
    ["[::1]:5000", "[::1]:5000", "http://[::1]:5000", true],
    // Not what it looks like.
    ["127.0.0.1.evil.test", "127.0.0.1.evil.test", "https://127.0.0.1.evil.test", false],
    ["localhost.evil.test", "localhost.evil.test", "https://localhost.evil.test", false],
    ["docker.io", "docker.io", "https://registry-1.docker.io", false],
    ["index.docker.io", "docker.io", "https://registry-1.docker.io", false],
  ])("reads %s", (text, host, origin, loopback) => {
    expect(parseRegistryAddress(text)).toEqual({ host, origin, loopback });
  });

  test("speaks plain HTTP elsewhere only when asked, TLS on loopback when there is an authority", () => {
    expect(parseRegistryAddress("registry.test", { plainHttp: true }).origin).toBe(
      "http://registry.test",
    );
    expect(parseRegistryAddress("127.0.0.1:5000", { privateAuthority: true }).origin).toBe(
      "https://127.0.0.1:5000",
    );
  });

  test.each(["", "ftp://x", "registry.test/path", "a b", "registry.test:99999", "x?y", "x#y"])(
    "refuses %p",
    (text) => {
      expect(() => parseRegistryAddress(text)).toThrow(HiveError);
    },
  );

  test("never shows a password that was written into the address", () => {
    expect(() => parseRegistryAddress("https://user:hunter2@registry.test")).toThrow(
      "Cannot use what was given",
    );
  });
});
