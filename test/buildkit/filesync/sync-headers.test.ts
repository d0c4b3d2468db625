import { expect, test } from "bun:test";
import { parseSyncHeaders } from "../../../src/buildkit/filesync/sync-headers.ts";

test("parseSyncHeaders() keeps repeated values and their commas apart", () => {
  const request = parseSyncHeaders([
    ["dir-name", "context"],
    ["exclude-patterns", "a, b"],
    ["exclude-patterns", "100%+"],
    ["followpaths", "src"],
  ]);
  expect(request).toEqual({
    directory: "context",
    includes: [],
    excludes: ["a, b", "100%+"],
    followPaths: ["src"],
  });
});

test("parseSyncHeaders() unescapes every value of a key that says it is encoded, and no other", () => {
  const request = parseSyncHeaders([
    ["dir-name", "context"],
    ["include-patterns", "a%2Cb"],
    ["exclude-patterns", "gr%C3%BC+n"],
    ["exclude-patterns", "a%2Cb%2Bc"],
    ["exclude-patterns-encoded", "1"],
  ]);
  expect(request.excludes).toEqual(["grü n", "a,b+c"]);
  expect(request.includes).toEqual(["a%2Cb"]);
});

test("parseSyncHeaders() takes a value that isn't validly escaped as it stands", () => {
  const request = parseSyncHeaders([
    ["followpaths", "50%"],
    ["followpaths-encoded", "1"],
  ]);
  expect(request.followPaths).toEqual(["50%"]);
});
