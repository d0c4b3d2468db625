import { describe, expect, test } from "bun:test";
import { listPage } from "../../src/registry/list-page.ts";

const all = ["a", "b", "c", "d", "e"];
const vowels = (item: string): boolean => item === "a" || item === "e";

describe("listPage()", () => {
  test.each([
    ["", all, undefined],
    ["?n=2", ["a", "b"], "n=2&last=b"],
    ["?n=2&last=b", ["c", "d"], "n=2&last=d"],
    ["?n=2&last=bb", ["c", "d"], "n=2&last=d"],
    ["?n=2&last=c", ["d", "e"], undefined],
    ["?n=5", all, undefined],
    ["?n=0", [], undefined],
    ["?last=e", [], undefined],
  ] as const)("of %j has %j", (query, items, next) => {
    expect(listPage(all, new Request(`http://x/${query}`), "/list", 1000)).toEqual({
      items: [...items],
      headers: next === undefined ? {} : { Link: `</list?${next}>; rel="next"` },
    });
  });

  test("says nothing of items that are not shown, not even that there are more", () => {
    const page = (query: string) =>
      listPage(all, new Request(`http://x/${query}`), "/list", 1000, vowels);
    expect(page("?n=1")).toEqual({
      items: ["a"],
      headers: { Link: '</list?n=1&last=a>; rel="next"' },
    });
    expect(page("?n=1&last=a")).toEqual({ items: ["e"], headers: {} });
    expect(page("?n=2")).toEqual({ items: ["a", "e"], headers: {} });
  });
});
