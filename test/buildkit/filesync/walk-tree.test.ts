import { describe, expect, test } from "bun:test";
import type { FileTree } from "../../../src/buildkit/file-tree.ts";
import { walkTree } from "../../../src/buildkit/filesync/walk-tree.ts";
import { createMemoryTree } from "../../../src/buildkit/memory-tree.ts";

const everything = { includes: [], excludes: [], followPaths: [] };
const bytes = new Uint8Array();

function treeOf(...paths: string[]): FileTree {
  return createMemoryTree(
    paths.map((path) => ({ path, bytes })),
    1n,
  );
}

async function walked(tree: FileTree, filter: Partial<typeof everything> = {}): Promise<string[]> {
  const entries = await Array.fromAsync(walkTree(tree, { ...everything, ...filter }));
  return entries.map(({ path }) => path);
}

describe("walkTree()", () => {
  test("puts a directory's content before its next sibling, bytewise", async () => {
    const tree = treeOf("a/x", "a-b", "a.b", "a/é", "a/b/c", "😀", "\uE000", "B");
    const order = ["B", "a", "a/b", "a/b/c", "a/x", "a/é", "a-b", "a.b", "\uE000", "😀"];
    expect(await walked(tree)).toEqual(order);
  });

  test("sends an excluded directory only for what is taken back inside", async () => {
    const tree = treeOf("a/keep/x", "a/drop/y", "b/z");
    const paths = await walked(tree, { excludes: ["*", "!a/keep"] as never });
    expect(paths).toEqual(["a", "a/keep", "a/keep/x"]);
  });

  test("doesn't list what nothing wants", async () => {
    const tree = treeOf("node_modules/x/y", ".git/a", "src/main.ts", "docs/a.md");
    const listed: string[] = [];
    const counting: FileTree = {
      ...tree,
      list: async (path) => {
        listed.push(path);
        return tree.list(path);
      },
    };
    await walked(counting, {
      excludes: ["node_modules", ".git"] as never,
      includes: ["src"] as never,
    });
    expect(listed).toEqual(["", "src"]);
  });

  test("takes a directory that vanished for an empty one", async () => {
    const tree = treeOf("a/b", "c");
    const vanishing: FileTree = {
      ...tree,
      list: async (path) => tree.list(path === "a" ? "gone" : path),
    };
    expect(await walked(vanishing)).toEqual(["a", "c"]);
  });

  test("sends what fsutil's own walk sends for generated trees and filters", async () => {
    const text = await Bun.file(`${import.meta.dir}/fsutil-walks.ndjson`).text();
    const cases = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(cases.length).toBeGreaterThan(100);
    for (const { tree: files, paths, ...filter } of cases) {
      const tree = createMemoryTree(
        files.map(([path, linkname]: [string, string]) =>
          linkname === "" ? { path, bytes } : { path, linkname },
        ),
        1n,
      );
      expect({ filter, paths: await walked(tree, filter) }).toEqual({ filter, paths });
    }
  });
});
