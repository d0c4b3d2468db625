import { describe, expect, test } from "bun:test";
import type { CacheRecord } from "../../../src/buildkit/cache/cache-records.ts";
import { usageByType, whyKept } from "../../../src/buildkit/cache/cache-usage.ts";

const now = Date.UTC(2026, 0, 10);
const day = 86_400_000;

function record(more: Partial<CacheRecord>): CacheRecord {
  return {
    id: "id",
    type: "regular",
    description: "",
    size: 1,
    created: new Date(now - 9 * day),
    lastUsed: new Date(now - 3 * day),
    usageCount: 1,
    inUse: false,
    shared: false,
    mutable: false,
    ...more,
  };
}

describe("whyKept()", () => {
  test.each([
    ["what nothing needs goes", {}, {}, undefined],
    ["what is in use stays in any case", { inUse: true }, { all: true }, "in use"],
    ["what images share stays", { shared: true }, {}, "shared"],
    ["what images share goes with all", { shared: true }, { all: true }, undefined],
    ["the daemon's own stays", { type: "internal" }, {}, "internal"],
    ["frontends stay", { type: "frontend" }, {}, "internal"],
    ["frontends go with all", { type: "frontend" }, { all: true }, undefined],
    ["what was used since then stays", {}, { olderThan: 4 * day }, "recent"],
    ["what was used before goes", {}, { olderThan: 2 * day }, undefined],
    ["what was never used goes", { lastUsed: undefined }, { olderThan: 4 * day }, undefined],
  ] as const)("%s", (_, more, request, expected) => {
    expect(whyKept(record(more), request, now)).toBe(expected);
  });
});

test("usageByType() sums sizes, the biggest type first", () => {
  const later = new Date(now);
  const records = [
    record({ size: 10 }),
    record({ type: "source.local", size: 100, shared: true }),
    record({ size: 20, inUse: true, lastUsed: later }),
    record({ type: "exec.cachemount", size: 1, lastUsed: undefined }),
  ];
  expect(usageByType(records)).toEqual([
    {
      type: "source.local",
      records: 1,
      size: 100,
      inUse: 0,
      shared: 100,
      lastUsed: new Date(now - 3 * day),
    },
    { type: "regular", records: 2, size: 30, inUse: 20, shared: 0, lastUsed: later },
    { type: "exec.cachemount", records: 1, size: 1, inUse: 0, shared: 0, lastUsed: undefined },
  ]);
});
