import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { formatEngineAddress, parseEngineAddress } from "../../src/docker/engine-address.ts";

test.each([
  ["unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"],
  ["tcp://127.0.0.1:2375", "tcp://127.0.0.1:2375"],
  ["tcp://docker.test:2375/", "tcp://docker.test:2375"],
  ["ssh://host", "ssh://host/var/run/docker.sock"],
  ["ssh://me@host:22/", "ssh://me@host:22/var/run/docker.sock"],
  ["ssh://host-1/run/user/7/podman.sock", "ssh://host-1/run/user/7/podman.sock"],
])("parseEngineAddress() reads %p", (text, expected) => {
  expect(formatEngineAddress(parseEngineAddress(text))).toBe(expected);
});

test.each([
  "",
  "ssh://-oProxyCommand=x",
  "ssh://me@-oProxyCommand=x",
  "ssh://",
  "ssh://a b",
  "npipe:////./pipe/docker_engine",
  "unix://relative",
  "unix://",
  "tcp://host",
  "tcp://user@host:1",
  "tcp://host:1/path",
  "/var/run/docker.sock",
  "fd://",
])("parseEngineAddress() refuses %s", (text) => {
  expect(() => parseEngineAddress(text)).toThrow(HiveError);
  expect(() => parseEngineAddress(text)).toThrow(text);
});
