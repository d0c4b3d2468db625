import { expect, test } from "bun:test";
import { describeChange, summarizeStatus } from "../../src/cli/render-status.ts";
import type { InputChange } from "../../src/inputs/compare-inputs.ts";
import { parsePlatform } from "../../src/oci/platform.ts";

const amd64 = parsePlatform("linux/amd64");

test.each<[string, InputChange]>([
  ["changed: file a: b.py", { kind: "file", path: "a: b.py", how: "content" }],
  ["changed: Dockerfile", { kind: "dockerfile" }],
  ["changed: base r.test:5000/a:3", { kind: "base", name: "r.test:5000/a:3", from: "1", to: "2" }],
  ["changed: parent base:1.0", { kind: "parent", name: "base:1.0 linux/amd64", from: "1" }],
  [
    "changed: parent base:1.0 linux/arm64",
    { kind: "parent", name: "base:1.0 linux/arm64", from: "1" },
  ],
  ["changed: image's time", { kind: "epoch", name: "epoch", from: "1", to: "2" }],
])("summarizeStatus() %s", (line, change) => {
  const status = { status: "changed", changes: [change], reasons: [] } as const;
  expect(summarizeStatus(status, amd64)).toBe(line);
  const more = { ...status, changes: [change, change], reasons: ["x"] };
  expect(summarizeStatus(more, amd64)).toBe(`${line} (+2)`);
});

test.each<[string, InputChange]>([
  ["file a: mode 0644 -> 0755", { kind: "file", path: "a", how: "mode", from: "0644", to: "0755" }],
  ["argument A: added (1)", { kind: "argument", name: "A", to: "1" }],
  ["argument A: removed (was 1)", { kind: "argument", name: "A", from: "1" }],
  ["argument A:  -> 1", { kind: "argument", name: "A", from: "", to: "1" }],
  ["ssh deploy: added", { kind: "ssh", name: "deploy", to: "" }],
  ["frontend: 1 -> 2", { kind: "frontend", name: "frontend", from: "1", to: "2" }],
  [
    "image's time: 1970-01-01T00:00:00Z -> 1970-01-01T00:00:01Z",
    { kind: "epoch", name: "epoch", from: "0", to: "1" },
  ],
  [
    "commit: added (0123456789ab)",
    {
      kind: "label",
      name: "org.opencontainers.image.revision",
      to: "0123456789abcdef0123456789abcdef01234567",
    },
  ],
])("describeChange() %s", (line, change) => {
  expect(describeChange(change, amd64)).toEqual([line]);
});

const hostile = { kind: "file", path: "a\n::error::\x1b]0;x\x07b", how: "added" } as const;

test("what changed is told without what a terminal, or a CI that reads logs, would obey", () => {
  expect(describeChange(hostile, amd64)).toEqual(["file a ::error::b: added"]);
  const status = { status: "changed", changes: [hostile], reasons: [] } as const;
  expect(summarizeStatus(status, amd64)).toBe("changed: file a ::error::b");
  const told = { status: "unknown", changes: [], reasons: ["ADD \x1b[31mhttp://x"] } as const;
  expect(summarizeStatus(told, amd64)).toBe("ADD http://x");
});
