import { expect, test } from "bun:test";
import { resolveFollowPaths } from "../../../src/buildkit/filesync/follow-paths.ts";
import { createMemoryTree } from "../../../src/buildkit/memory-tree.ts";

const bytes = new Uint8Array();
const tree = createMemoryTree(
  [
    { path: "plain/file", bytes },
    { path: "link", linkname: "real" },
    { path: "real/inner", linkname: "../plain/file" },
    { path: "absolute", linkname: "/plain" },
    { path: "above", linkname: "../../../plain/file" },
    { path: "root", linkname: "/" },
    { path: "loop-a", linkname: "loop-b" },
    { path: "loop-b", linkname: "loop-a" },
    { path: "grow", linkname: "grow/more" },
    { path: "globbed/x1", linkname: "../plain/file" },
    { path: "globbed/x2", bytes },
    { path: "[odd]", linkname: "plain" },
  ],
  1n,
);

test.each([
  [["plain/file"], ["plain/file"]],
  [["missing/file"], ["missing/file"]],
  [["/plain/../plain/file"], ["plain/file"]],
  [["link"], ["link", "real"]],
  [["link/inner"], ["link", "plain/file", "real/inner"]],
  [
    ["link/inner", "link/other"],
    ["link", "plain/file", "real/inner", "real/other"],
  ],
  [["absolute/file"], ["absolute", "plain/file"]],
  [["above"], ["above", "plain/file"]],
  [["loop-a"], ["loop-a", "loop-b"]],
  [["loop-a/x"], ["loop-a", "loop-b"]],
  [["globbed/*"], ["globbed/*", "plain/file"]],
  [["globbed/?2"], ["globbed/?2"]],
  [["\\[odd\\]"], ["\\[odd\\]"]],
  [["plain", "plain/file"], ["plain"]],
  [["root/plain"], ["plain", "root"]],
  [["root"], []],
  [["."], []],
] as const)("resolveFollowPaths() turns %j into %j", async (paths, patterns) => {
  expect(await resolveFollowPaths(tree, paths)).toEqual([...patterns]);
});

test("resolveFollowPaths() ends for a link that grows each time it is followed", async () => {
  expect(await resolveFollowPaths(tree, ["grow"])).toContain("grow");
});
