import { describe, expect, test } from "bun:test";
import { parseRegistryAddress } from "../../src/remote/registry-address.ts";
import { redirectTarget } from "../../src/remote/redirect-target.ts";
import { defaultRemoteLimits } from "../../src/remote/remote-limits.ts";

function target(address: string, location: string, method = "GET"): string | undefined {
  const parsed = parseRegistryAddress(address);
  const endpoint = {
    address: parsed,
    trusted: undefined,
    limits: defaultRemoteLimits,
    signal: new AbortController().signal,
  };
  const response = new Response(null, { status: 307, headers: { Location: location } });
  return redirectTarget(endpoint, method, new URL("/v2/x", parsed.origin), response)?.href;
}

describe("redirectTarget()", () => {
  test.each([
    ["registry.test", "https://storage.test/x", "https://storage.test/x"],
    ["registry.test", "/elsewhere", "https://registry.test/elsewhere"],
    ["http://registry.test", "http://storage.test/x", "http://storage.test/x"],
    ["127.0.0.1:5000", "http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x"],
  ])("%s may send to %s", (address, location, expected) => {
    expect(target(address, location)).toBe(expected);
  });

  test.each([
    ["registry.test", "http://storage.test/x", "plain HTTP"],
    ["registry.test", "http://169.254.169.254/latest", "plain HTTP"],
    ["registry.test", "https://127.0.0.1:6443/", "this machine's own services"],
    ["http://registry.test", "http://localhost:8080/", "this machine's own services"],
    ["http://registry.test", "http://localhost.:8080/", "this machine's own services"],
    ["http://registry.test", "http://0.0.0.0:8080/", "this machine's own services"],
    ["http://registry.test", "http://0:8080/", "this machine's own services"],
    ["http://registry.test", "http://[::]:8080/", "this machine's own services"],
    ["http://registry.test", "http://[::ffff:127.0.0.1]:8080/", "this machine's own services"],
    ["registry.test", "file:///etc/passwd", "no web address"],
    ["registry.test", "https://[bad", "nowhere"],
  ])("%s may not send to %s", (address, location, reason) => {
    expect(() => target(address, location)).toThrow(reason);
  });

  test("other answers, and requests that change something, go nowhere", () => {
    expect(target("registry.test", "https://storage.test/x", "DELETE")).toBeUndefined();
  });
});
