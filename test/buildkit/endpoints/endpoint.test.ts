import { expect, test } from "bun:test";
import { formatEndpoint, parseEndpoint } from "../../../src/buildkit/endpoints/endpoint.ts";
import { HiveError } from "../../../src/base/hive-error.ts";

test.each([
  ["unix:///run/buildkit/buildkitd.sock", "unix:///run/buildkit/buildkitd.sock"],
  ["unix:///with space", "unix:///with space"],
  ["tcp://127.0.0.1:1234", "tcp://127.0.0.1:1234"],
  ["tcp://builder", "tcp://builder:1234"],
  ["tcp://builder:80/", "tcp://builder:80"],
  ["tcp://[::1]:1234", "tcp://[::1]:1234"],
  ["tcp://b:1?key=/k%20y.pem&cert=c.pem&ca=a.pem", "tcp://b:1?ca=a.pem&cert=c.pem&key=/k%20y.pem"],
  ["tcp://10.0.0.1?servername=builder", "tcp://10.0.0.1:1234?servername=builder"],
  ["tcp://10.0.0.1?tls=~/certs&servername=b", "tcp://10.0.0.1:1234?tls=~/certs&servername=b"],
  ["docker://", "docker://"],
  ["docker://desktop-linux", "docker://desktop-linux"],
  ["docker:///run/docker.sock", "docker:///run/docker.sock"],
  ["docker-container://builder", "docker-container://builder"],
  ["docker-container://b?context=c", "docker-container://b?context=c"],
  ["podman-container://b", "podman-container://b"],
  ["ssh://host", "ssh://host"],
  ["ssh://my_user.x@build-1.example.com", "ssh://my_user.x@build-1.example.com"],
  ["ssh://me@[fe80::1%eth0]:22", "ssh://me@[fe80::1%eth0]:22"],
  ["ssh://me@host:2222/run/x.sock", "ssh://me@host:2222/run/x.sock"],
  [
    "kube-pod://b-0?namespace=ci&container=buildkitd",
    "kube-pod://b-0?namespace=ci&container=buildkitd",
  ],
])("parseEndpoint() reads %s as %s", (text, formatted) => {
  expect(formatEndpoint(parseEndpoint(text))).toBe(formatted);
});

test.each([
  "unix://",
  "tcp://",
  "tcp://host:x",
  "tcp://host:1234/path",
  "carrier-pigeon://x",
  "tcp://host?cert=c.pem",
  "tcp://host?tls=directory&ca=ca.pem",
  "tcp://host?ca=",
  "docker://name/with/path",
  "docker-container://",
  "podman-container://x?context=y",
  "ssh://",
  "ssh://-oProxyCommand=x",
  "ssh://me@-oProxyCommand=x",
  "ssh://a;id>x;@host",
  "ssh://`id`:22",
  "ssh://x|id",
  "ssh://$(id)@host",
  "ssh://host%h",
  "unix:///run/\u001b[31mx",
  "kube-pod://x?context=%1b%5b31m",
  "kube-pod://",
])("parseEndpoint() refuses %s and says what is supported", (text) => {
  const parse = (): unknown => parseEndpoint(text);
  expect(parse).toThrow(HiveError);
  expect(parse).toThrow(text);
  expect(parse).toThrow(
    expect.objectContaining({ kind: "usage", hint: expect.stringContaining("tcp://host:port") }),
  );
});

test("parseEndpoint() names each kind of address that is supported once", () => {
  let hint: string | undefined;
  try {
    parseEndpoint("gopher://x");
  } catch (error) {
    ({ hint } = error as HiveError);
  }
  const kinds = hint?.split("\n").map((line) => /^ {2}([\w-]+)(?=:|,)/.exec(line)?.[1]);
  expect(kinds?.filter((kind) => kind === "managed")).toHaveLength(1);
});
