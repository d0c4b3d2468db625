import { expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import { parseEndpoint } from "../../../src/buildkit/endpoints/endpoint.ts";

test.each([
  ["/run/buildkit/buildkitd.sock", "unix:///run/buildkit/buildkitd.sock"],
  ["unix://run/b.sock", "unix:///run/b.sock"],
  ["unix:/run/b.sock", "unix:///run/b.sock"],
  ["127.0.0.1:1234", "tcp://127.0.0.1:1234"],
  ["builder:1234", "tcp://builder:1234"],
  ["[::1]:1234", "tcp://[::1]:1234"],
  ["tcp//builder:1234", "tcp://builder:1234"],
  ["tpc://builder:1234", "tcp://builder:1234"],
  ["http://builder:1234", "tcp://builder:1234"],
  ["docker-container:b", "docker-container://b"],
  ["docker-contaner://b", "docker-container://b"],
  ["docker", "docker://"],
  ["shh://me@host", "ssh://me@host"],
])("of the BuildKit address %s, %s is meant", (text, meant) => {
  expect(hintOf(text)).toBe(`Did you mean ${meant}?`);
  expect(() => parseEndpoint(meant)).not.toThrow();
});

test("a slip in managed, and one in a setting, are told", () => {
  expect(hintOf("manged")).toBe("Did you mean managed?");
  expect(hintOf("tcp://b:1?serverame=x")).toBe("Did you mean servername=x?");
});

test.each(["carrier-pigeon://x", "x", "", "tcp", "npipe:////./pipe/x", "://"])(
  "of the BuildKit address %s nothing is near, and all that there are are listed",
  (text) => {
    expect(hintOf(text)).toStartWith("Supported are\n  managed");
  },
);

function hintOf(address: string): string | undefined {
  try {
    parseEndpoint(address);
  } catch (error) {
    if (error instanceof HiveError) return error.hint;
    throw error;
  }
  throw new Error(`${address} is an address`);
}
