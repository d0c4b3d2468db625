import { describe, expect, test } from "bun:test";
import { proxyFor } from "../../src/remote/proxy-for.ts";

const proxies = { HTTP_PROXY: "http://plain:3128", HTTPS_PROXY: "secure.test" };

function isDirect(url: string, list: string): boolean {
  return proxyFor(new URL(url), { ...proxies, NO_PROXY: list }) === undefined;
}

describe("proxyFor()", () => {
  test("takes the proxy of the scheme, the lower name first", () => {
    expect(proxyFor(new URL("http://a.test"), proxies)).toBe("http://plain:3128/");
    expect(proxyFor(new URL("https://a.test"), proxies)).toBe("http://secure.test/");
    expect(proxyFor(new URL("https://a.test"), { HTTP_PROXY: "http://x" })).toBeUndefined();
    expect(proxyFor(new URL("https://a.test"), { ...proxies, https_proxy: "http://u:p@l" })).toBe(
      "http://u:p@l/",
    );
  });

  test.each(["http://localhost:5000", "http://127.0.0.9", "https://[::1]/", "http://x.localhost"])(
    "%s never goes through one",
    (url) => expect(isDirect(url, "")).toBe(true),
  );

  test.each([
    ["https://a.test", "*", true],
    ["https://a.test", "b.test, a.test", true],
    ["https://a.test", "b.test a.test", true],
    ["https://x.a.test", "a.test", true],
    ["https://xa.test", "a.test", false],
    ["https://a.test", ".a.test", false],
    ["https://x.a.test", ".a.test", true],
    ["https://x.a.test", "*.a.test", true],
    ["https://A.Test.", "a.TEST", true],
    ["https://a.test", "a.test:443", true],
    ["https://a.test:5000", "a.test:443", false],
    ["https://a.test:5000", "a.test:5000", true],
    ["https://10.1.2.3", "10.0.0.0/8", true],
    ["https://11.1.2.3", "10.0.0.0/8", false],
    ["https://10.1.2.3", "10.1.2.3", true],
    ["https://10.1.2.3:5000", "10.1.2.3:5001", false],
    ["https://10.1.2.3", "2.3", false],
    ["https://[fd00::1]", "fd00::/8", true],
    ["https://[fd00::1]", "fd00::1", true],
    ["https://[fd00::1]:5000", "[fd00::1]:5000", true],
    ["https://[fd00::1]", "[fe00::1]", false],
    ["https://10.test", "10.0.0.0/8", false],
    ["https://a.test", "10.0.0.0/99, ::/x, [, ,:", false],
  ])("%s with NO_PROXY=%p: direct is %p", (url, list, expected) => {
    expect(isDirect(url, list)).toBe(expected);
  });

  test.each(["ftp://x", "http://", "http://user:hunter2@[bad"])(
    "%p is told without its text",
    (proxy) => {
      let message = "";
      try {
        proxyFor(new URL("http://a.test"), { HTTP_PROXY: proxy });
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain("Cannot use HTTP_PROXY");
      expect(message).not.toContain("hunter2");
    },
  );
});
