import { expect, test } from "bun:test";
import { formatEndpoint, parseEndpoint } from "../../src/buildkit/endpoint.ts";
import { HiveError } from "../../src/base/hive-error.ts";

test.each([
  ["unix:///run/buildkit/buildkitd.sock", "unix:///run/buildkit/buildkitd.sock"],
  ["unix:///with space", "unix:///with space"],
  ["tcp://127.0.0.1:1234", "tcp://127.0.0.1:1234"],
  ["tcp://builder", "tcp://builder:1234"],
  ["tcp://builder:80/", "tcp://builder:80"],
  ["tcp://[::1]:1234", "tcp://[::1]:1234"],
])("parseEndpoint() reads %s as %s", (text, formatted) => {
  expect(formatEndpoint(parseEndpoint(text))).toBe(formatted);
});

test.each([
  "/run/buildkit/buildkitd.sock",
  "unix://relative",
  "tcp://",
  "tcp://host:x",
  "tcp://host:1234/path",
  "docker-container://builder",
  "ssh://host",
])("parseEndpoint() refuses %s and says what is supported", (text) => {
  const parse = (): unknown => parseEndpoint(text);
  expect(parse).toThrow(HiveError);
  expect(parse).toThrow(text);
  expect(parse).toThrow(
    expect.objectContaining({ kind: "usage", hint: expect.stringContaining("tcp://host:port") }),
  );
});
