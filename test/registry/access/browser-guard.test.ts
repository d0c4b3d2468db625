import { describe, expect, test } from "bun:test";
import { refuseCrossSite, refuseForeignHosts } from "../../../src/registry/access/browser-guard.ts";
import { RegistryError } from "../../../src/registry/registry-error.ts";

function statusOf(check: () => void): number {
  try {
    check();
    return 200;
  } catch (error) {
    if (error instanceof RegistryError) return error.status;
    throw error;
  }
}

function request(headers: Readonly<Record<string, string>>, method = "GET"): Request {
  return new Request("http://127.0.0.1:5000/v2/", { method, headers });
}

describe("refuseForeignHosts()", () => {
  test.each([
    "127.0.0.1",
    "127.0.0.1:5000",
    "192.0.2.1:5000",
    "[::1]:5000",
    "[2001:db8::1]",
    "localhost:5000",
    "LOCALHOST",
    "a.b.localhost",
    "registry",
    "my-registry_1:5000",
    "host.docker.internal:5000",
    "host.containers.internal",
    "registry.example.com",
    "Registry.Example.com:5000",
    "",
  ])("lets %j pass", (host) => {
    const check = (): void => refuseForeignHosts(request({ host }), ["registry.example.com"]);
    expect(statusOf(check)).toBe(200);
  });

  test.each([
    "evil.example",
    "evil.example:5000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost.",
    "evillocalhost.example",
    "x.registry.example.com",
    "registry.example.com.evil",
    "127.0.0.1, evil.example",
    "evil.example/@127.0.0.1",
    "user@127.0.0.1",
    "127.0.0.1:5000:5000",
    "[evil.example]",
    "300.1.1.1",
  ])("refuses %j", (host) => {
    const check = (): void => refuseForeignHosts(request({ host }), ["registry.example.com"]);
    expect(statusOf(check)).toBe(421);
  });
});

describe("refuseCrossSite()", () => {
  const host = "127.0.0.1:5000";

  test.each<[string, Record<string, string>, string, number]>([
    ["a tool", {}, "PUT", 200],
    [
      "a page of our own",
      { "sec-fetch-site": "same-origin", origin: `http://${host}` },
      "DELETE",
      200,
    ],
    ["a person", { "sec-fetch-site": "none" }, "POST", 200],
    [
      "another page that only reads",
      { "sec-fetch-site": "cross-site", origin: "http://evil.example" },
      "GET",
      200,
    ],
    [
      "another page",
      { "sec-fetch-site": "cross-site", origin: "http://evil.example" },
      "POST",
      403,
    ],
    [
      "a page of another port",
      { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:80" },
      "POST",
      403,
    ],
    ["an old browser", { origin: "http://evil.example" }, "PUT", 403],
    ["an old browser with another port", { origin: "http://127.0.0.1" }, "PUT", 403],
    ["a page without an origin", { origin: "null" }, "DELETE", 403],
    ["an origin that is none", { origin: "127.0.0.1:5000" }, "DELETE", 403],
  ])("%s: %j, %s gives %d", (_, headers, method, status) => {
    expect(statusOf(() => refuseCrossSite(request({ host, ...headers }, method)))).toBe(status);
  });
});
